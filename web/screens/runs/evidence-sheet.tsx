import { useQuery } from '@tanstack/react-query';
import { type ReactNode } from 'react';
import { evidenceQuery } from '../../api/queries';
import type { RunDetail } from '../../api/types';
import { formatCount } from '../../format/amount';
import { Answer } from '../../parts/answers';
import { Sheet } from '../../parts/sheet';

/** The very files that were judged, one by one. */
export function EvidenceSheet({ run }: { run: RunDetail }): ReactNode {
  const query = useQuery(evidenceQuery(run.run_id));
  return (
    <Sheet title="Evidence" note="By name, with its size in bytes" flush>
      <Answer query={query} rows={4}>
        {({ files }) => (
          <table className="grid">
            <thead className="unseen">
              <tr>
                <th scope="col">File</th>
                <th scope="col">Bytes</th>
              </tr>
            </thead>
            <tbody>
              {files.map((file) => (
                <tr key={file.path}>
                  <th scope="row" className="row mono">
                    <a
                      href={`/api/v1/runs/${run.run_id}/evidence/${file.path}`}
                      title={`SHA-256 ${file.sha256}`}
                    >
                      {file.path}
                    </a>
                  </th>
                  <td className="right">{formatCount(file.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Answer>
    </Sheet>
  );
}
