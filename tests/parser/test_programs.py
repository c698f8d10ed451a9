"""A program that quotes a report's lines in its strings is no report; data and pages that hold one are."""

from __future__ import annotations

import json

import pytest

from archive.parser.reader import read

REPORT = [
    "某某市2025年政府信息公开工作年度报告",
    "一、总体情况",
    "2025年，我市持续推进政务公开工作。",
    "二、主动公开政府信息情况",
    "| 信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |",
    "|---|---|---|---|",
    "| 规章 | 3 | 0 | 15 |",
    "| 行政规范性文件 | 61 | 59 | 422 |",
    "三、收到和处理政府信息公开申请情况",
    "| 一、本年新收政府信息公开申请数量 | 3746 | 63 | 0 | 0 | 19 | 2 | 3830 |",
    "四、政府信息公开行政复议、行政诉讼情况",
    "无。",
    "五、存在的主要问题及改进情况",
    "一是政务公开数智化转型有待进一步加强。",
    "六、其他需要报告的事项",
    "2025年没有收取信息处理费。",
]
ARRAY = "\n".join(f"  '{line}'," for line in REPORT)
JOINED = " +\n".join(f'  "{line}\\n"' for line in REPORT)
TEXT = "\n".join(REPORT)
ANSWER = {"title": REPORT[0], "content": "<p>" + "</p><p>".join(REPORT) + "</p>"}
PROGRAMS = {
    "typescript, lines": f"const sample = [\n{ARRAY}\n].join('\\n');\n\ndescribe('parse', () => {{\n  it('should",
    "typescript, remark": f"import {{ a }} from './a';\n// 年报样例\nconst sample = [\n{ARRAY}\n].join('\\n');\n",
    "javascript, joined": f"var sample =\n{JOINED};\nmodule.exports = sample;\n",
    "javascript, one string": f"const sample = `\n{TEXT}\n`;\ntest('年报', () => {{\n  expect(sample).toBe(1);\n}});",
    "python, list": f"SAMPLE = [\n{ARRAY}\n]\n\n\ndef test_sample():\n    assert parse(SAMPLE)\n",
    "python, one string": f'import parse\n\nSAMPLE = """{TEXT}\n"""\n\ndef test_sample():\n    assert parse(SAMPLE)\n',
    "java": "package x.y;\npublic class SampleTest {\n  String sample =\n" + JOINED + ";\n}\n",
}  # fmt: skip
OTHERS = {
    "plain": TEXT,
    "quoted lines": ARRAY,
    "below a page's script": f"var _hmt = _hmt || [];\nfunction share(a) {{\n  return a;\n}}\nconst x = 1;\n{TEXT}",
    "above a page's script": f"{TEXT}\nvar list = ['a'];\nimport {{ a }} from './a.js';\n",
    "one string, of data": f"var detail = `\n{TEXT}\n`;\n",
    "an answer": json.dumps(ANSWER, ensure_ascii=False),
    "an answer, by lines": json.dumps(ANSWER, ensure_ascii=False, indent=1),
    "a page's script": "<html><body><script>var detail = {content: '" + "".join(f"<p>{one}</p>" for one in REPORT)
    + "'};</script></body></html>",
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_quotes_a_report_is_none(name: str) -> None:
    reading = read(PROGRAMS[name].encode())
    assert (reading.is_report, reading.reason, dict(reading.cells)) == (False, "not_recognised", {})


@pytest.mark.parametrize("name", OTHERS)
def test_what_holds_a_report_is_one(name: str) -> None:
    assert read(OTHERS[name].encode()).is_report
