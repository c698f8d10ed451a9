// What the process of the browser asks of a page (crawler/lists/browser_process.py): an object of functions.
({
  // How much the page shows, and whether it says that it is loading.
  measure: () => {
    const text = (document.body || document.documentElement).innerText.slice(0, 1e6);
    return {links: document.links.length, rows: document.querySelectorAll('li,tr,dd').length,
      chars: text.replace(/\d{1,2}:\d\d(:\d\d)?/g, '').length, says_loading: /正在加载|加载中|请稍候|请稍等/.test(text)};
  },
  // The DOM as it is shown, each element with its handle; without a prefix as it is. False if it is too large.
  snapshot: ([hidden, handle, pressed, prefix, most]) => {
    const all = document.querySelectorAll('*');
    if (all.length > most / 10) return false;
    if (prefix === null) {
      const text = '<!DOCTYPE html>' + document.documentElement.outerHTML;
      return text.length <= most && text;
    }
    let number = 0;
    const pointed = new Set();  // what can be pressed
    for (const one of all) {
      one.removeAttribute(hidden);
      one.removeAttribute(pressed);
      one.setAttribute(handle, prefix + number++);
      if (/^(SCRIPT|STYLE|HEAD|META|LINK|TITLE|BASE|OPTION|BR|HTML)$/.test(one.tagName)) continue;
      const style = getComputedStyle(one);
      if (style.display === 'none' || style.visibility === 'hidden') one.setAttribute(hidden, '');
      // a hand, or a script that waits for clicks on a text as short as a row
      const waits = (one.onclick || one.__waits) && !one.hasAttribute('onclick') && one.textContent.length <= 200;
      if (style.cursor !== 'pointer' && !waits) continue;
      pointed.add(one);
      if (!pointed.has(one.parentElement)) one.setAttribute(pressed, '');
    }
    const copy = document.documentElement.cloneNode(true);
    const links = document.querySelectorAll('a[href]'), copies = copy.querySelectorAll('a[href]');
    if (window !== window.top) links.forEach((one, at) => {
      const href = one.getAttribute('href').trim();
      if (href && !href.startsWith('#') && !/^javascript:/i.test(href)) copies[at].setAttribute('href', one.href);
    });
    const text = copy.outerHTML;
    return text.length <= most && text;
  },
  // Press what has a handle, or choose an option; whether it is there.
  click: ([handle, number]) => {
    const one = document.querySelector(`[${handle}="${number}"]`);
    if (!one || one.disabled === true) return false;
    if (one.tagName === 'OPTION') {
      one.selected = true;
      for (const name of ['input', 'change']) one.parentElement.dispatchEvent(new Event(name, {bubbles: true}));
      return true;
    }
    for (const name of ['mouseover', 'mousedown', 'mouseup'])
      one.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true, view: window}));
    setTimeout(() => HTMLElement.prototype.click.call(one), 0);
    return true;
  },
  // Scroll everything to its end.
  scroll: () => {
    for (const one of [document.documentElement, ...document.querySelectorAll('div,ul,main,section')])
      if (one.scrollHeight > one.clientHeight + 20) one.scrollTop = one.scrollHeight;
    window.scrollTo(0, document.documentElement.scrollHeight);
    for (const target of [window, document]) target.dispatchEvent(new Event('scroll', {bubbles: true}));
  },
})
