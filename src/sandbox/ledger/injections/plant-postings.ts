import { convertAt, ratesOf } from '../../company/fx-rates';
import { DAY, monthOf } from '../../kit/instants';
import { divideHalfUp, RATE_SCALE } from '../../kit/units';
import { entities } from '../../truth/company';
import type { Invoice } from '../../truth/billing';
import type { Posting } from '../../truth/ledger';
import type { CustomerWorld } from '../../world/customer-world';
import type { Injection } from '../../world/injection';
import { accounts } from '../accounts';
import { bucketOf, daysPastDue } from '../age-receivables';
import { journalIdOf, postedAfterDay } from '../ledger-days';
import * as p from './plant';

interface PostedInvoice extends p.Found {
  invoice: Invoice;
  receivable: Posting;
}

/** Final invoices with their receivable in the ledger. */
const posted = (world: CustomerWorld, test: (of: PostedInvoice) => boolean): PostedInvoice[] =>
  world.billing.invoices.flatMap((invoice) => {
    const receivable = world.ledger.postings.find(({ docRef, account, debit }) => {
      return docRef === invoice.id && account === accounts.receivables && debit > 0n;
    });
    if (receivable === undefined || invoice.finalizedAt === null) return [];
    const of = { key: invoice.id, at: invoice.finalizedAt, invoice, receivable };
    return test(of) ? [of] : [];
  });

/** Translates a receivable otherwise; the exchange account takes the difference, as it would. */
function translate(
  { receivable }: PostedInvoice,
  functional: bigint,
  world: CustomerWorld,
): bigint {
  const off = functional - receivable.functionalDebit;
  receivable.functionalDebit = functional;
  world.ledger.postings.push({
    ...{ ...receivable, account: accounts.exchange, debit: 0n, credit: 0n },
    currency: entities[receivable.entity].currency,
    functionalDebit: off < 0n ? -off : 0n,
    functionalCredit: off > 0n ? off : 0n,
  });
  return off < 0n ? -off : off;
}

const isForeign = ({ invoice, receivable }: PostedInvoice): boolean =>
  invoice.currency !== entities[receivable.entity].currency;

/** What is older can be told from what is only late. */
const mostDaysPastDue = 60;

/** Anomalies of postings: the wrong account, the wrong amount, the wrong rate. */
export const postingInjections: readonly Injection[] = [
  p.plant(
    'A71',
    'A receivable long past due is reported as younger than it is',
    ({ ledger }) =>
      ledger.ageing.flatMap((line) => {
        const isOld = daysPastDue(line) > mostDaysPastDue;
        const key = `${line.invoiceId}/${line.asOf}`;
        return isOld ? [{ key, at: line.reportedAt, line }] : [];
      }),
    ({ line }, { magnitude }) => {
      const days = daysPastDue(line);
      line.bucket = magnitude === 'high' ? 'CURRENT' : bucketOf(days > 180 ? 180 : days - 30);
      return [p.finding('CR04-AGE_BUCKET', line.invoiceId, line.open, line.currency)];
    },
  ),
  p.plant(
    'A57',
    'An overpayment is kept as revenue',
    (world) =>
      world.billing.balanceTransactions.flatMap((one) => {
        const isOver = one.kind === 'invoice_overpaid';
        const leg = world.ledger.postings.find((posting) => posting.docRef === one.id);
        return isOver && leg !== undefined ? [{ key: one.id, at: one.at, one, leg }] : [];
      }),
    ({ one, leg, key }) => {
      leg.account = '4030';
      return [p.finding('CA03-CREDIT_NOT_IN_GL', key, -one.amount, one.currency)];
    },
  ),
  p.plant(
    'A58',
    'A prepaid credit grant is booked as revenue',
    ({ billing, ledger }) =>
      billing.grants.flatMap((grant) => {
        const invoice = billing.invoices.find(({ key }) => key === grant.boughtByInvoiceKey);
        const ids = invoice?.lines.map(({ id }) => id) ?? [];
        const entry = ledger.entries.find(({ account, docRef, side }) => {
          return account === accounts.prepaidCredit && side === 'C' && ids.includes(docRef);
        });
        if (entry === undefined || grant.category !== 'paid') return [];
        return [{ key: grant.id, at: grant.effectiveAt, entry }];
      }),
    ({ entry, key }) => {
      entry.account = '4040';
      return [p.finding('CA03-PREPAID_GRANT_NOT_DEFERRED', key, entry.amount, entry.currency)];
    },
  ),
  p.plant(
    'A61',
    'A balance transaction of a new type lands in suspense',
    ({ movements }) =>
      movements
        .filter(({ type }) => type === 'charge')
        .map((movement) => ({ key: `${movement.id}N`, at: movement.createdAt + DAY, movement })),
    ({ movement, key, at }, { world, magnitude, context }) => {
      if (at > context.options.now) return [];
      const amount = magnitude === 'high' ? -250_000n : -150n;
      const type = 'climate_order_purchase';
      world.movements.push({
        ...{ ...movement, id: key, type, category: type, amount, fee: 0n, net: amount, fees: [] },
        ...{ createdAt: at, availableAt: movement.availableAt + DAY, sourceId: `climorder_${key}` },
      });
      world.movements.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
      return [p.finding('CA04-BT_UNCLASSIFIED', key, -amount, movement.currency)];
    },
    'cash',
  ),
  p.plant(
    'A62',
    'Revenue is booked net of the processor’s fee',
    ({ movements, ledger }) =>
      movements.flatMap(({ id: key, createdAt: at, fee, type, currency }) => {
        const leg = ledger.postings.find(({ docRef, account }) => {
          return docRef === key && account === accounts.processorFees;
        });
        return type === 'charge' && leg !== undefined ? [{ key, at, leg, fee, currency }] : [];
      }),
    ({ key, leg, fee, currency }) => {
      leg.account = '4010';
      return [p.finding('CA05-FEE_NETTED_IN_REVENUE', key, fee, currency)];
    },
  ),
  p.plant(
    'A73',
    'A receivable is written off without approval',
    (world, { options }) =>
      posted(world, ({ invoice, at }) => {
        return invoice.status === 'open' && at < options.now - 20 * DAY;
      }),
    ({ invoice, receivable, key, at }, { world }) => {
      const entity = entities[world.customer.entity];
      const on = entity.zone.dayOf(at + 15 * DAY);
      const base = {
        ...{
          ...receivable,
          effectiveOn: on,
          period: monthOf(on),
          category: 'CREDIT_LOSS' as const,
        },
        journalId: journalIdOf(entity.id, on, 'CREDIT_LOSS'),
        postedAt: postedAfterDay(entity, on),
      };
      const { debit, functionalDebit } = receivable;
      world.ledger.postings.push(
        { ...base, account: accounts.creditLoss },
        ...[
          {
            ...base,
            debit: 0n,
            credit: debit,
            functionalDebit: 0n,
            functionalCredit: functionalDebit,
          },
        ],
      );
      return [p.finding('CR04-WRITEOFF_UNAPPROVED', key, debit, invoice.currency)];
    },
  ),
  p.plant(
    'A94',
    'An unpaid invoice that can still be cancelled is in receivables and in deferred revenue',
    (world) =>
      posted(world, ({ invoice, at }) => {
        const isAhead = invoice.lines.some(({ periodStart }) => periodStart > at + DAY);
        return invoice.status === 'open' && invoice.dueAt !== null && isAhead;
      }),
    ({ invoice, key, receivable }) => {
      invoice.metadata = { ...invoice.metadata, cancellable_until: 'service_start' };
      return [p.finding('GL03-GROSS_UP', key, receivable.debit, invoice.currency)];
    },
  ),
  p.plant(
    'A97',
    'A receivable is posted net of tax',
    (world) =>
      posted(world, ({ invoice, receivable }) => {
        return receivable.currency === invoice.currency && invoice.totals.taxExclusive > 0n;
      }),
    ({ invoice, receivable, key }, { world }) => {
      const tax = invoice.totals.taxExclusive;
      const legs = world.ledger.postings.filter(({ docRef, account, credit }) => {
        return docRef === key && account === accounts.tax && credit > 0n;
      });
      const functional = legs.reduce((sum, leg) => sum + leg.functionalCredit, 0n);
      world.ledger.postings = world.ledger.postings.filter((leg) => !legs.includes(leg));
      receivable.debit -= tax;
      receivable.functionalDebit -= functional;
      return [p.finding('GL05-GL_DIFF', key, tax, invoice.currency)];
    },
  ),
  p.plant(
    'A98',
    'Credit of a customer is netted in receivables',
    (world) =>
      world.ledger.postings
        .filter(({ account, credit }) => account === accounts.customerCredit && credit > 0n)
        .map((leg) => ({ key: leg.docRef ?? leg.journalId, at: leg.postedAt, leg })),
    ({ leg, key }) => {
      leg.account = accounts.receivables;
      return ['GL05-CREDIT_IN_AR', 'CA03-CREDIT_NOT_IN_GL'].map((code) =>
        p.finding(code, key, leg.credit, leg.currency),
      );
    },
  ),
  p.plant(
    'A99',
    'An invoice is translated at an inverted rate',
    (world) => posted(world, isForeign),
    (of, { world, context }) => {
      const { invoice, receivable, key } = of;
      const { currency } = entities[receivable.entity];
      const rate = ratesOf(context.options.seed).spot(
        ...([invoice.currency, currency, receivable.effectiveOn] as const),
      );
      const inverted = divideHalfUp(RATE_SCALE * RATE_SCALE, rate);
      const wrong = convertAt(receivable.debit, invoice.currency, currency, inverted);
      return [p.finding('GL06-INVERTED_RATE', key, translate(of, wrong, world), currency)];
    },
  ),
  p.plant(
    'A100',
    'An invoice in yen is divided by a hundred',
    (world) => posted(world, (of) => isForeign(of) && of.invoice.currency === 'JPY'),
    (of, { world }) => {
      const { receivable, key } = of;
      const wrong = receivable.functionalDebit / 100n;
      const { currency } = entities[receivable.entity];
      return [p.finding('GL06-CONVERSION', key, translate(of, wrong, world), currency)];
    },
  ),
];
