import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { differenceQuery } from '../../api/queries';
import type { ControlVersion, VersionDifference } from '../../api/types';
import { formatDay } from '../../format/dates';
import { counted } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { Sheet } from '../../parts/sheet';
import classes from './difference.module.css';
import { diffLines, foldSame, type DiffPart, type DiffRow } from './line-diff';

type ChangedFile = VersionDifference['files'][number];

/** What a version says otherwise than another one: each file, line beside line. */
export function DifferenceSheet({
  id,
  versions,
  version,
  against,
  onAgainst,
}: {
  id: string;
  versions: readonly ControlVersion[];
  version: string;
  against: string | undefined;
  onAgainst: (against: string | undefined) => void;
}): ReactNode {
  const query = useQuery(differenceQuery(id, version, against));
  const others = versions.filter((one) => one.version !== version);
  return (
    <>
      <div className="row-flow noprint">
        <strong>What changed</strong>
        {others.length === 0 ? null : (
          <Choice
            label="Against"
            all="the one before"
            value={against}
            options={others.map((one) => [
              one.version,
              `${one.version.slice(0, 12)}, ${formatDay(one.registered_at.slice(0, 10))}`,
            ])}
            onChange={onAgainst}
          />
        )}
      </div>
      <Answer query={query}>
        {(difference) =>
          difference.from === null ? (
            <Sheet title="First version">
              <Empty title="There is none before it">
                Its files stand on the screen of the control.
              </Empty>
            </Sheet>
          ) : difference.files.length === 0 ? (
            <Sheet title="No file differs">
              <Empty title="Both versions have the same files">
                What differs is how the configuration sets its parameters.
              </Empty>
            </Sheet>
          ) : (
            difference.files.map((file) => <FileSheet key={file.path} file={file} />)
          )
        }
      </Answer>
    </>
  );
}

function FileSheet({ file }: { file: ChangedFile }): ReactNode {
  const rows = diffLines(file.before, file.after);
  const came = rows.filter(({ kind }) => kind === 'added' || kind === 'changed').length;
  const went = rows.filter(({ kind }) => kind === 'removed' || kind === 'changed').length;
  const whole = file.before === null ? 'New file' : file.after === null ? 'File removed' : null;
  return (
    <Sheet
      title={file.path}
      note={whole ?? `${counted(went, 'line')} before, ${counted(came, 'line')} after`}
      flush
    >
      <table className={classes.diff}>
        <colgroup>
          <col className={classes.number} />
          <col />
          <col className={classes.number} />
          <col />
        </colgroup>
        <thead className="unseen">
          <tr>
            <th scope="col">Line before</th>
            <th scope="col">Before</th>
            <th scope="col">Line after</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        {foldSame(rows).map((part, index) => (
          <PartRows key={index} part={part} />
        ))}
      </table>
    </Sheet>
  );
}

function PartRows({ part }: { part: DiffPart }): ReactNode {
  const [open, setOpen] = useState(part.kind === 'rows' || part.rows.length < 4);
  if (!open)
    return (
      <tbody>
        <tr className={classes.folded}>
          <td colSpan={4}>
            <button type="button" className="plain-button" onClick={() => setOpen(true)}>
              {counted(part.rows.length, 'line')} without a change: show
            </button>
          </td>
        </tr>
      </tbody>
    );
  return (
    <tbody>
      {part.rows.map((row) => (
        <LineRow key={`${row.before?.no ?? ''} ${row.after?.no ?? ''}`} row={row} />
      ))}
    </tbody>
  );
}

const marks = { same: '', changed: 'changed', added: 'added', removed: 'removed' } as const;

function LineRow({ row: { kind, before, after } }: { row: DiffRow }): ReactNode {
  const old = kind === 'removed' || kind === 'changed' ? classes.removed : undefined;
  const now = kind === 'added' || kind === 'changed' ? classes.added : undefined;
  return (
    <tr>
      <td className={classes.no}>{before?.no ?? ''}</td>
      <td className={old}>
        {old === undefined ? null : <span className="unseen">{marks[kind]}, before: </span>}
        <code>{before?.text ?? ''}</code>
      </td>
      <td className={classes.no}>{after?.no ?? ''}</td>
      <td className={now}>
        {now === undefined ? null : <span className="unseen">{marks[kind]}, after: </span>}
        <code>{after?.text ?? ''}</code>
      </td>
    </tr>
  );
}
