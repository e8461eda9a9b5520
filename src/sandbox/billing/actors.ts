/** Who acts on invoices and payments in the company, by the key of the person. */
export const actors = {
  cashApplication: ['cash.application.1', 'cash.application.2'],
  support: ['support.1', 'support.2', 'support.3'],
  supportLead: ['support.lead'],
  revenue: ['revenue.1', 'revenue.2'],
  controller: ['controller'],
} as const;
