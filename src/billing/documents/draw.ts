import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import type { Fact, Sheet } from './sheets.ts';

/** Millimetres would be nicer; PDF counts in points, 72 to an inch. */
const PAGE = { width: 595.28, margin: 56, top: 64 };
const RIGHT = PAGE.width - PAGE.margin;
const WIDTH = RIGHT - PAGE.margin;
const COLUMN = (WIDTH - 32) / 2;

/** The colours of the pages in their light form. */
const INK = '#1a211d';
const SECOND = '#535d57';
const LINE = '#dcd8c9';
const WEAVE = '#3f8468';

const FONTS = {
  sans: '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf',
  bold: '@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf',
  serif: '@expo-google-fonts/noto-serif/400Regular/NotoSerif_400Regular.ttf',
} as const;

type Pdf = PDFKit.PDFDocument;

/** Draws a sheet on A4, in the look of the pages: ink on paper, hairlines, sums ruled. */
export async function drawSheet(sheet: Sheet): Promise<Uint8Array> {
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: PAGE.top, bottom: 48, left: PAGE.margin, right: PAGE.margin },
    lang: 'en',
    info: { Title: `${sheet.title} ${sheet.number}`, Author: sheet.seller.name },
  });
  const pieces: Buffer[] = [];
  doc.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = new Promise((resolve) => doc.on('end', resolve));
  for (const [name, file] of Object.entries(FONTS)) {
    doc.registerFont(name, readFileSync(fileURLToPath(import.meta.resolve(file))));
  }
  band(doc);
  head(doc, sheet);
  parties(doc, sheet);
  rows(doc, sheet);
  sums(doc, sheet.sums);
  payment(doc, sheet);
  doc.end();
  await ended;
  return Buffer.concat(pieces);
}

/** The woven line that edges a sheet. */
function band(doc: Pdf): void {
  doc.save().rect(0, 24, PAGE.width, 12).clip();
  doc.lineWidth(0.5).strokeColor(WEAVE, 0.55);
  for (let thread = 0; thread < 6; thread++) {
    for (let x = -((thread * 8) % 48); x < PAGE.width; x += 48) {
      doc.moveTo(x, 30).bezierCurveTo(x + 12, 38, x + 12, 38, x + 24, 30);
      doc.bezierCurveTo(x + 36, 22, x + 36, 22, x + 48, 30);
    }
  }
  doc.stroke().restore();
}

function head(doc: Pdf, sheet: Sheet): void {
  doc.fillColor(INK).font('serif').fontSize(26).text(sheet.title, PAGE.margin, PAGE.top);
  doc.fillColor(SECOND).font('sans').fontSize(11).text(sheet.number);
  const under = doc.y;
  pairs(doc, sheet.facts, { x: PAGE.margin + COLUMN + 32, y: PAGE.top + 10, width: COLUMN });
  doc.y = Math.max(doc.y, under) + 16;
  if (sheet.warning === undefined) return;
  doc
    .fillColor(INK)
    .font('bold')
    .fontSize(9)
    .text(sheet.warning, PAGE.margin, doc.y, { width: WIDTH });
  doc.y += 16;
}

/** Names and values in two columns, one under the other. */
function pairs(
  doc: Pdf,
  facts: readonly Fact[],
  at: { x: number; y: number; width: number },
): void {
  const name = 84;
  doc.fontSize(9);
  doc.y = at.y;
  for (const { label, value } of facts) {
    const { y } = doc;
    doc
      .fillColor(SECOND)
      .font('sans')
      .text(label, at.x, y, { width: name - 8 });
    const below = doc.y;
    doc.fillColor(INK).text(value, at.x + name, y, { width: at.width - name });
    doc.y = Math.max(doc.y, below) + 3;
  }
}

function parties(doc: Pdf, { seller, buyer }: Sheet): void {
  const { y } = doc;
  const bottoms = [seller, buyer].map((party, index) => {
    const x = PAGE.margin + index * (COLUMN + 32);
    rule(doc, y, x, x + COLUMN);
    doc
      .fillColor(SECOND)
      .font('sans')
      .fontSize(9)
      .text(party.label, x, y + 8, { width: COLUMN });
    doc.moveDown(0.3).fillColor(INK).font('bold').fontSize(10).text(party.name, { width: COLUMN });
    doc.font('sans').fontSize(9);
    for (const line of party.lines) doc.text(line, { width: COLUMN });
    return doc.y;
  });
  doc.y = Math.max(...bottoms) + 36;
}

function rows(doc: Pdf, sheet: Sheet): void {
  const amount = 120;
  doc.fillColor(SECOND).font('sans').fontSize(9);
  const { y } = doc;
  doc.text('What', PAGE.margin, y, { width: WIDTH - amount });
  doc.text('Amount', RIGHT - amount, y, { width: amount, align: 'right' });
  rule(doc, doc.y + 5, PAGE.margin, RIGHT);
  doc.y += 13;
  for (const { description, detail, amount: sum } of sheet.rows) {
    const top = doc.y;
    doc.fillColor(INK).fontSize(10);
    doc.text(sum, RIGHT - amount, top, { width: amount, align: 'right' });
    doc.text(description, PAGE.margin, top, { width: WIDTH - amount - 16 });
    if (detail !== undefined) doc.fillColor(SECOND).fontSize(9).text(detail);
    rule(doc, doc.y + 7, PAGE.margin, RIGHT, LINE);
    doc.y += 15;
  }
}

/** A rule above the total, and a double rule beneath, as in a ledger. */
function sums(doc: Pdf, facts: readonly Fact[]): void {
  const x = PAGE.margin + COLUMN + 32;
  if (facts.length === 1) doc.y += 10;
  for (const [index, { label, value }] of facts.entries()) {
    const isTotal = index === facts.length - 1;
    if (isTotal) rule(doc, doc.y, x, RIGHT);
    const top = doc.y + (isTotal ? 8 : 0);
    doc
      .fillColor(INK)
      .font(isTotal ? 'bold' : 'sans')
      .fontSize(10);
    doc.text(label, x, isTotal ? top + 6 : top, { width: 120 });
    const below = doc.y;
    doc.font(isTotal ? 'serif' : 'sans').fontSize(isTotal ? 18 : 10);
    doc.text(value, x + 100, top, { width: RIGHT - x - 100, align: 'right' });
    doc.y = Math.max(doc.y, below) + 6;
  }
  rule(doc, doc.y, x, RIGHT);
  rule(doc, doc.y + 2.5, x, RIGHT);
  doc.y += 36;
}

function payment(doc: Pdf, { payment: asked }: Sheet): void {
  if (asked === undefined) return;
  const { y } = doc;
  rule(doc, y, PAGE.margin, RIGHT);
  doc
    .fillColor(INK)
    .font('bold')
    .fontSize(10)
    .text(asked.title, PAGE.margin, y + 8);
  const top = doc.y + 8;
  pairs(doc, asked.facts, { x: PAGE.margin, y: top, width: COLUMN });
  const below = doc.y;
  doc.y = top;
  doc.x = PAGE.margin + COLUMN + 32;
  for (const line of asked.lines) doc.fillColor(INK).text(line, { width: COLUMN });
  doc.y = Math.max(doc.y, below);
}

function rule(doc: Pdf, y: number, from: number, to: number, color = INK): void {
  doc.moveTo(from, y).lineTo(to, y).lineWidth(0.75).strokeColor(color, 1).stroke();
}
