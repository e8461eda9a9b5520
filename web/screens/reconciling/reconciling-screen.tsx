import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { reconcilingItemsQuery } from '../../api/queries';
import type { ReconcilingItem } from '../../api/types';
import { counted } from '../../format/words';
import { Answer, Empty } from '../../parts/answers';
import { Choice } from '../../parts/choice';
import { ReasonForm } from '../../parts/reason-form';
import { ScreenHead, Sheet } from '../../parts/sheet';
import { TableHead } from '../../parts/table-head';
import { useMe } from '../../session/me';
import { ItemRow } from './item-row';
import { useDecideItem, type ItemStep } from './item-steps';
import { itemStates, itemStateWords } from './item-words';

interface Asked {
  step: ItemStep;
  item: ReconcilingItem;
}

/** Differences that are known and expected: named by one person, approved by another. */
export function ReconcilingScreen(): ReactNode {
  const search = useSearch({ from: '/screens/reconciling-items' });
  const navigate = useNavigate({ from: '/reconciling-items' });
  const me = useMe();
  const query = useQuery(reconcilingItemsQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  const set = (part: { state?: string | undefined; entity?: string | undefined }): void =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const isShown = (item: ReconcilingItem): boolean =>
    (search.state === undefined || item.state === search.state) &&
    (search.entity === undefined || item.entity_id === search.entity) &&
    (search.control === undefined || item.control_id === search.control);
  return (
    <div className="screen">
      <ScreenHead
        title="Reconciling items"
        below={
          'Differences that are known and expected. Each is named from an exception by one ' +
          'person, approved by another, and ends on a day.'
        }
      />
      <div className="row-flow noprint">
        <Choice
          label="State"
          value={itemStates.find((one) => one === search.state)}
          options={itemStates.map((one) => [one, itemStateWords[one]])}
          onChange={(state) => set({ state })}
        />
        <Choice
          label="Entity"
          value={search.entity}
          options={(me?.entities ?? []).map(({ id, name }) => [id, name])}
          onChange={(entity) => set({ entity })}
        />
      </div>
      <Answer query={query}>
        {({ items }) => (
          <ItemsSheet
            items={items.filter(isShown)}
            ofAll={items.length}
            onAsk={(step, item) => setAsked({ step, item })}
          />
        )}
      </Answer>
      {asked === null ? null : <Decide asked={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

function ItemsSheet({
  items,
  ofAll,
  onAsk,
}: {
  items: readonly ReconcilingItem[];
  ofAll: number;
  onAsk: (step: ItemStep, item: ReconcilingItem) => void;
}): ReactNode {
  return (
    <Sheet title="Items" note={counted(items.length, 'item')} flush>
      {items.length === 0 ? (
        <Empty title={ofAll === 0 ? 'None was named yet' : 'None fits these filters'}>
          {ofAll === 0 ? 'Open an exception that is expected, and name it there.' : undefined}
        </Empty>
      ) : (
        <table className="grid">
          <TableHead
            columns={[
              'What is expected',
              'State',
              { right: 'Up to' },
              { right: 'Explains' },
              'Until',
              'Owner',
              'Named and approved by',
              { unseen: 'Decide' },
            ]}
          />
          <tbody>
            {items.map((item) => (
              <ItemRow key={item.item_id} item={item} onAsk={onAsk} />
            ))}
          </tbody>
        </table>
      )}
    </Sheet>
  );
}

const words: Record<ItemStep, { title: string; word: string; about: string }> = {
  approve: {
    title: 'Approve the reconciling item',
    word: 'Approve',
    about: 'Exceptions that it explains are closed by it, now and in later runs, until it ends.',
  },
  revoke: {
    title: 'End the reconciling item',
    word: 'End it',
    about: 'The next run opens again what it holds closed.',
  },
};

function Decide({ asked, onClose }: { asked: Asked; onClose: () => void }): ReactNode {
  const decide = useDecideItem();
  const { title, word, about } = words[asked.step];
  return (
    <ReasonForm
      title={`${title}: ${asked.item.label}`}
      word={word}
      about={about}
      isSending={decide.isPending}
      error={decide.error}
      onClose={onClose}
      onSend={(reason) =>
        decide.mutate({ step: asked.step, id: asked.item.item_id, reason }, { onSuccess: onClose })
      }
    />
  );
}
