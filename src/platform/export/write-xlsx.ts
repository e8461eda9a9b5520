import { ZipFile } from 'yazl';
import { plainNumber, type CellType, type ExportTable } from './table';

/** Digits that a spreadsheet's double keeps exactly; longer numbers are text. */
const exactDigits = 15;
const dayMs = 86_400_000;
/** Day 0 of a spreadsheet's calendar, for dates after February 1900. */
const epochMs = Date.UTC(1899, 11, 30);
const styles: Record<CellType, number> = { text: 0, number: 1, date: 2, instant: 3 };

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const pack = 'http://schemas.openxmlformats.org/package/2006';
const kind = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const parts: Record<string, string> = {
  '[Content_Types].xml': `${head}<Types xmlns="${pack}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="${kind}.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kind}.worksheet+xml"/>
</Types>`,
  '_rels/.rels': `${head}<Relationships xmlns="${pack}/relationships">
<Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>`,
  'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="${pack}/relationships">
<Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/>
</Relationships>`,
  'xl/styles.xml': `${head}<styleSheet xmlns="${main}">
<numFmts count="3"><numFmt numFmtId="164" formatCode="#,##0.00####"/>
<numFmt numFmtId="165" formatCode="yyyy-mm-dd"/>
<numFmt numFmtId="166" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="5"><xf numFmtId="49" applyNumberFormat="1"/>
<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/>
<xf numFmtId="166" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs>
</styleSheet>`,
};

/**
 * A workbook of one sheet (ECMA-376). Every text is an inline string: there is no cell in it that
 * could be a formula.
 */
export function writeXlsx(name: string, table: ExportTable): Promise<Buffer> {
  const zip = new ZipFile();
  const add = (path: string, text: string): void => zip.addBuffer(Buffer.from(text, 'utf8'), path);
  for (const [path, text] of Object.entries(parts)) add(path, text);
  const sheet = escaped(name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31));
  add(
    'xl/workbook.xml',
    `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>` +
      `<sheet name="${sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  );
  add('xl/worksheets/sheet1.xml', sheetOf(table));
  zip.end();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
    zip.outputStream.on('error', reject);
    zip.outputStream.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

function sheetOf({ titles, types, rows }: ExportTable): string {
  const title = titles.map((text) => inline(text, 4)).join('');
  const lines = rows.map(
    (row) =>
      `<row>${row.map((value, column) => cell(value, types[column] ?? 'text')).join('')}</row>`,
  );
  return (
    `${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>' +
    `</sheetViews><sheetData><row>${title}</row>${lines.join('')}</sheetData></worksheet>`
  );
}

function cell(value: string | null, type: CellType): string {
  if (value === null) return '<c/>';
  const number = numberOf(value, type);
  return number === null
    ? inline(value, styles.text)
    : `<c s="${styles[type]}"><v>${number}</v></c>`;
}

/** The number a spreadsheet keeps for a value; null where only text keeps it. */
function numberOf(value: string, type: CellType): string | null {
  if (type === 'text') return null;
  if (type === 'number')
    return plainNumber.test(value) && value.replace(/\D/g, '').length <= exactDigits ? value : null;
  const ms = Date.parse(type === 'date' ? `${value}T00:00:00Z` : value);
  return Number.isNaN(ms) ? null : String((ms - epochMs) / dayMs);
}

const inline = (text: string, style: number): string =>
  `<c s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;

/** XML 1.0 has no place for most control characters: they become a space. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
