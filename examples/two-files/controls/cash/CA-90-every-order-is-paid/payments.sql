select p.order_id, p.paid_on, p.amount, p.currency, 'bank:payment:' || p.payment_id as source_ref
from files.payments p
