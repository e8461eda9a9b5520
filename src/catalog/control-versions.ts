import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Knex } from 'knex';
import { recordChange, type Actor } from '../access/audit-trail';
import type { Caller } from '../access/caller';
import { Refusal } from '../core/problem';
import type { Clock } from '../platform/clock';
import { instantSql } from '../platform/http/fields';
import type { Catalog, LoadedControl } from './catalog';
import type { KeptFile } from './open-version';
import { latestReplay } from './version-replays';
import type { ControlVersion, VersionDifference } from './versions.contract';

const server: Actor = { name: 'system', personId: null, via: 'system' };
const person = (column: string): string => `(select json_build_object('person_id', p.person_id,
  'name', p.name) from tieout.people p where p.person_id = ${column})`;

/** A version and its text. */
interface Kept {
  version: string;
  files: KeptFile[];
}

/** Keeps every version of a control that was ever loaded, and who approved it. */
export class ControlVersions {
  constructor(
    private readonly app: Knex,
    private readonly clock: Clock,
    private readonly catalog: Catalog,
  ) {}

  /** Writes down what was loaded and is not known yet; a control's first version is initial. */
  async register(): Promise<void> {
    for (const loaded of this.catalog.controls) {
      const files = await this.textOf(loaded);
      await this.app.transaction((trx) => this.registerOne(trx, loaded, files));
    }
  }

  /** Ids of controls whose loaded version may run on schedule. */
  async approvedControls(): Promise<Set<string>> {
    const { rows } = await this.app.raw<{ rows: { control_id: string; version: string }[] }>(
      `select control_id, version from tieout.control_versions
       where initial or approved_at is not null`,
    );
    const approved = new Set(rows.map(({ control_id: id, version }) => `${id} ${version}`));
    return new Set(
      this.catalog.controls
        .filter(({ control, version }) => approved.has(`${control.id} ${version}`))
        .map(({ control }) => control.id),
    );
  }

  async versions(controlId: string): Promise<ControlVersion[]> {
    const current = this.catalog.controls.find(({ control }) => control.id === controlId)?.version;
    const { rows } = await this.app.raw<{ rows: ControlVersion[] }>(
      `select v.control_id, v.version, v.title,
         case when v.approved_at is not null then 'approved' when v.initial then 'initial'
           when v.submitted_at is not null then 'submitted' else 'registered' end as state,
         v.version is not distinct from :current as current,
         ${instantSql('v.registered_at')} as registered_at,
         ${person('v.submitted_by')} as submitted_by,
         ${instantSql('v.submitted_at')} as submitted_at,
         ${person('v.approved_by')} as approved_by, ${instantSql('v.approved_at')} as approved_at,
         (select e.facts ->> 'replay' from tieout.audit_events e
           where e.event_id = v.approved_event) as approved_on_replay
       from tieout.control_versions v where v.control_id = :controlId
       order by v.registered_at desc, v.version`,
      { controlId, current: current ?? null },
    );
    return rows;
  }

  /** What differs between a version and another one, or the one before it. */
  async difference(
    controlId: string,
    version: string,
    against: string | undefined,
  ): Promise<VersionDifference> {
    const { rows } = await this.app.raw<{ rows: { version: string; files: KeptFile[] }[] }>(
      `select version, files from tieout.control_versions where control_id = :controlId
       order by registered_at desc, version`,
      { controlId },
    );
    const at = rows.findIndex((row) => row.version === version);
    const to = rows[at];
    const from = against === undefined ? rows[at + 1] : rows.find((row) => row.version === against);
    if (to === undefined || (against !== undefined && from === undefined))
      throw new Refusal('not_found', `There is no such version of ${controlId}.`);
    const before = new Map((from?.files ?? []).map((file) => [file.path, file.text]));
    const after = new Map(to.files.map((file) => [file.path, file.text]));
    return {
      from: from?.version ?? null,
      to: version,
      files: [...new Set([...before.keys(), ...after.keys()])]
        .sort()
        .filter((file) => before.get(file) !== after.get(file))
        .map((file) => ({
          path: file,
          before: before.get(file) ?? null,
          after: after.get(file) ?? null,
        })),
    };
  }

  /**
   * A version that waits for its approval, and the one that schedules use until then, with their
   * text. Throws Refusal when there is none, or it is decided.
   */
  async awaiting(controlId: string, version: string): Promise<{ next: Kept; approved: Kept }> {
    const { rows } = await this.app.raw<{ rows: (Kept & { decided: boolean })[] }>(
      `select version, files, initial or approved_at is not null as decided
       from tieout.control_versions where control_id = :controlId
       order by coalesce(approved_at, registered_at) desc`,
      { controlId },
    );
    const next = rows.find((row) => row.version === version);
    if (next === undefined)
      throw new Refusal('not_found', `There is no such version of ${controlId}.`);
    if (next.decided) throw new Refusal('illegal_move', 'It is decided already.');
    const approved = rows.find((row) => row.decided);
    if (approved === undefined) throw new Error(`${controlId} has no version to begin with`);
    return { next, approved };
  }

  submit(caller: Caller, controlId: string, version: string, reason: string): Promise<void> {
    return this.decide(caller, controlId, version, { step: 'submitted', reason });
  }

  /** By a reviewer who is not its author. */
  approve(caller: Caller, controlId: string, version: string, reason: string): Promise<void> {
    return this.decide(caller, controlId, version, { step: 'approved', reason });
  }

  private decide(
    { actor }: Caller,
    controlId: string,
    version: string,
    { step, reason }: { step: 'submitted' | 'approved'; reason: string },
  ): Promise<void> {
    return this.app.transaction(async (trx) => {
      const { rows } = await trx.raw<{
        rows: { initial: boolean; submitted_by: string | null; approved_by: string | null }[];
      }>(
        `select initial, submitted_by, approved_by from tieout.control_versions
         where control_id = :controlId and version = :version for update`,
        { controlId, version },
      );
      const found = rows[0];
      if (found === undefined)
        throw new Refusal('not_found', `There is no such version of ${controlId}.`);
      const late = step === 'submitted' ? found.submitted_by !== null : found.approved_by !== null;
      if (late || found.initial) throw new Refusal('illegal_move', 'It is decided already.');
      if (step === 'approved' && found.submitted_by === null)
        throw new Refusal('illegal_move', 'Its author has not submitted it yet.');
      if (step === 'approved' && found.submitted_by === actor.personId)
        throw new Refusal('same_person', 'Nobody approves what they wrote themselves.');
      const at = this.clock.now();
      // What the approver could see of its effect stands in the trail with the decision.
      const replay = step === 'approved' ? await latestReplay(trx, controlId, version) : null;
      const event = await recordChange(trx, {
        at,
        actor,
        action: `controls.${step}`,
        subject: { kind: 'control_version', id: version },
        control: controlId,
        reason,
        facts: step === 'approved' ? { replay } : {},
      });
      await trx.raw(
        `update tieout.control_versions set ${step}_by = :person, ${step}_at = :at,
           ${step}_event = :event where control_id = :controlId and version = :version`,
        { person: actor.personId, at, event, controlId, version },
      );
    });
  }

  private async registerOne(
    trx: Knex.Transaction,
    { control, version }: LoadedControl,
    files: readonly KeptFile[],
  ): Promise<void> {
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(:lock, 0))', {
      lock: `tieout versions of ${control.id}`,
    });
    const { rows } = await trx.raw<{ rows: { version: string }[] }>(
      'select version from tieout.control_versions where control_id = :id',
      { id: control.id },
    );
    if (rows.some((row) => row.version === version)) return;
    const at = this.clock.now();
    const event = await recordChange(trx, {
      at,
      actor: server,
      action: 'controls.registered',
      subject: { kind: 'control_version', id: version },
      control: control.id,
      facts: { files: files.map((file) => ({ path: file.path, sha256: file.sha256 })) },
    });
    await trx.raw(
      `insert into tieout.control_versions (control_id, version, title, files, initial,
         registered_at, registered_event)
       values (:id, :version, :title, :files, :initial, :at, :event)`,
      {
        id: control.id,
        version,
        title: control.title,
        files: JSON.stringify(files),
        initial: rows.length === 0,
        at,
        event,
      },
    );
  }

  private textOf({ files }: LoadedControl): Promise<KeptFile[]> {
    return Promise.all(
      files.map(async (file) => ({
        ...file,
        text: await readFile(path.join(this.catalog.dir, file.path), 'utf8'),
      })),
    );
  }
}
