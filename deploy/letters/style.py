"""How a letter looks, on paper and on a screen.

Margins, type sizes and the red head follow GB/T 9704-2012 (5.2, 7.2, 7.3); the body is a little smaller than its 三号,
so that letter and reply slip are one page. Fonts are named, never fetched.
"""

from typing import Final

STYLE: Final = """
@page { size: A4; margin: 24mm 26mm 16mm 28mm; }
* { box-sizing: border-box; }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body {
  margin: 0; color: #000; background: #fff; font-size: 14pt; line-height: 1.5;
  font-family: FangSong, STFangsong, FangSong_GB2312, "Noto Serif CJK SC", "Songti SC", SimSun, serif;
}
p { margin: 0; text-indent: 2em; text-align: justify; overflow-wrap: anywhere; }
header p, p.to, p.signature { text-indent: 0; }
header { border-bottom: 1mm solid #d00; padding-bottom: 2.5mm; text-align: center; }
.issuer {
  color: #d00; font-size: 30pt; line-height: 1.25; font-weight: 700; letter-spacing: .06em; text-align: center;
  font-family: "FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", STZhongsong, SimSun, serif;
}
.number { margin-top: 3mm; text-align: center; font-size: 13pt; }
h1 {
  margin: 6mm 0 4mm; font-size: 22pt; line-height: 1.3; text-align: center; font-weight: 700;
  font-family: "FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", STZhongsong, SimSun, serif;
}
table { width: 100%; border-collapse: collapse; margin: 3mm 0; font-size: 12pt; line-height: 1.45; }
th, td { border: .3mm solid #000; padding: 1.2mm 2.5mm; text-align: left; overflow-wrap: anywhere; }
th {
  width: 30mm; font-weight: 400; text-align: center;
  font-family: SimHei, "Noto Sans CJK SC", "Heiti SC", sans-serif;
}
ol { margin: 0; padding: 0; list-style: none; counter-reset: demand; }
li { counter-increment: demand; text-indent: 2em; text-align: justify; }
li::before { content: counter(demand, simp-chinese-informal) "、"; }
h2 {
  margin: 0; font-size: 13pt; font-weight: 400; text-align: center;
  font-family: SimHei, "Noto Sans CJK SC", "Heiti SC", sans-serif;
}
footer { margin-top: 5mm; break-inside: avoid; break-before: avoid; }
.signature { text-align: right; padding-right: 2em; }
.date { padding-right: 4em; }
.record, .reply { margin-top: 4mm; padding-top: 3mm; border-top: .3mm dashed #000; break-inside: avoid; }
.reply th { width: 32mm; }
.reply .tall td { height: 16mm; }
@media screen {
  body { background: #e5e5e5; }
  .sheet { width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 24mm 26mm 16mm 28mm; background: #fff; }
}
"""
