import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { majorText } from '../kit/units';
import { FolderWriter } from '../stripe/store/folder-writer';
import { CsvTable } from './csv-table';
import { LineFile, type WrittenFile } from './line-file';
import type { SalesforceRecord, StripeRecord, WarehouseRow } from './records';
import type { PlantedFinding } from './simulate-customer';
import type { LookAlike } from './world-context';
import { totalsOfTable } from './warehouse-tables';
import type { WorldWish } from './world-request';
import type { WorldSink } from './world-sink';

/** What world.json says: enough to make the same world again, and to see that it is whole. */
export interface WorldManifest {
  wish: WorldWish;
  files: Record<string, WrittenFile>;
}

const noTotals = { amount: null, currency: null, date: null };

/**
 * Writes a world into a new folder:
 * `stripe/<entity>/<collection>.jsonl`, `salesforce/<Object>.jsonl`, `warehouse/<table>.csv` with
 * control totals, `truth/` (what must be found, what was asked for and could not be planted, what
 * must not be found), and `world.json`.
 */
export class FolderSink implements WorldSink {
  private readonly stripeFiles: FolderWriter;
  private readonly salesforceFiles = new Map<string, LineFile>();
  private readonly tables = new Map<string, CsvTable>();
  private readonly plantedFile: CsvTable;
  private readonly notPlantedFile: CsvTable;
  private readonly lookAlikeFile: CsvTable;

  constructor(
    private readonly folder: string,
    private readonly wish: WorldWish,
  ) {
    for (const part of ['stripe', 'salesforce', 'warehouse', 'truth'])
      mkdirSync(path.join(folder, part), { recursive: true });
    this.stripeFiles = new FolderWriter(path.join(folder, 'stripe'));
    this.plantedFile = new CsvTable(path.join(folder, 'truth'), 'expected_findings', noTotals);
    this.notPlantedFile = new CsvTable(path.join(folder, 'truth'), 'not_planted', noTotals);
    this.lookAlikeFile = new CsvTable(path.join(folder, 'truth'), 'look_alikes', noTotals);
  }

  stripe(record: StripeRecord): void {
    this.stripeFiles.write(record);
  }

  salesforce({ object, record }: SalesforceRecord): void {
    let file = this.salesforceFiles.get(object);
    if (file === undefined) {
      file = new LineFile(path.join(this.folder, 'salesforce', `${object}.jsonl`));
      this.salesforceFiles.set(object, file);
    }
    file.write(JSON.stringify(record));
  }

  warehouse({ table, row }: WarehouseRow): void {
    let file = this.tables.get(table);
    if (file === undefined) {
      file = new CsvTable(path.join(this.folder, 'warehouse'), table, totalsOfTable(table));
      this.tables.set(table, file);
    }
    file.write(row);
  }

  planted({ injection, customer, control, code, key, impact }: PlantedFinding): void {
    this.plantedFile.write({
      ...{ injection, customer, control, code, key },
      impact: impact && majorText(impact.amount, impact.currency),
      currency: impact && impact.currency,
    });
  }

  notPlanted(injection: string): void {
    const reason = 'nobody in this world has what it needs, or is free to suffer it';
    this.notPlantedFile.write({ injection, reason });
  }

  lookAlike({ id, key }: LookAlike): void {
    this.lookAlikeFile.write({ look_alike: id, key });
  }

  /** Ends all files and writes world.json. */
  close(): WorldManifest {
    const extractedAt = this.wish.now;
    const files: Record<string, WrittenFile> = {};
    const stated = (sourceSystem: string) => ({ extractedAt, sourceSystem });
    for (const [name, written] of this.stripeFiles.close()) files[`stripe/${name}`] = written;
    for (const [object, file] of this.salesforceFiles)
      files[`salesforce/${object}.jsonl`] = file.close();
    for (const [table, file] of this.tables)
      files[`warehouse/${table}.csv`] = file.close(stated('warehouse'));
    files['truth/expected_findings.csv'] = this.plantedFile.close(stated('sandbox'));
    files['truth/not_planted.csv'] = this.notPlantedFile.close(stated('sandbox'));
    files['truth/look_alikes.csv'] = this.lookAlikeFile.close(stated('sandbox'));
    const manifest: WorldManifest = {
      wish: this.wish,
      files: Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))),
    };
    writeFileSync(path.join(this.folder, 'world.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  }
}
