import { productOf } from '../../company/catalog';
import { firstRateDay, ratesOf } from '../../company/fx-rates';
import { minorDigits } from '../../../core/money';
import { salesforceId } from '../../kit/ids';
import { addMonths, startOfUtcDay, type Day } from '../../kit/instants';
import { rateText } from '../../kit/units';
import { listPriceIn, priceBookProducts } from '../../sales/list-price';
import { salesCurrencies } from '../../sales/price-book';
import type { SalesforceRecord } from '../../world/records';
import {
  amountNumber,
  auditFields,
  exactNumber,
  priceBookEntryId,
  priceBookId,
  recordOf,
  setupFields,
} from './salesforce-values';

/** The price book was made on this day. */
const bookMadeOn: Day = '2024-06-03';

/** Products, the standard price book and its entries in every currency of the org. */
export function* renderPriceBook(admin: string): Iterable<SalesforceRecord> {
  const touched = { createdAt: startOfUtcDay(bookMadeOn), createdBy: admin };
  yield recordOf('Pricebook2', priceBookId, {
    ...{ Name: 'Standard Price Book', IsActive: true, IsStandard: true, ...auditFields(touched) },
  });
  for (const code of priceBookProducts) {
    const product = productOf(code);
    yield recordOf('Product2', product.salesforceId, {
      ...{ ProductCode: code, Name: product.name, Family: product.family, IsActive: true },
      ...{ CurrencyIsoCode: 'USD', ...auditFields(touched) },
    });
    for (const currency of salesCurrencies)
      yield recordOf('PricebookEntry', priceBookEntryId(code, currency), {
        ...{ Name: product.name, Product2Id: product.salesforceId, Pricebook2Id: priceBookId },
        UnitPrice: amountNumber(listPriceIn(currency, code), currency),
        ...{ CurrencyIsoCode: currency, IsActive: true, ...auditFields(touched) },
      });
  }
}

/**
 * Currencies, and their dated rates from month to month: units of the currency for one USD, the
 * corporate currency, so that corporate = amount ÷ ConversionRate. Nothing but display uses them.
 */
export function* renderCurrencies(
  seed: string,
  today: Day,
  admin: string,
): Iterable<SalesforceRecord> {
  const setup = setupFields({ createdAt: startOfUtcDay(bookMadeOn), createdBy: admin });
  const rates = ratesOf(seed);
  for (const currency of salesCurrencies) {
    const rateIn = (month: string): number =>
      exactNumber(rateText(rates.corporate('USD', currency, month)));
    yield recordOf('CurrencyType', salesforceId('CurrencyType', currency), {
      ...{ IsoCode: currency, ConversionRate: rateIn(today.slice(0, 7)) },
      ...{ DecimalPlaces: minorDigits(currency), IsActive: true },
      ...{ IsCorporate: currency === 'USD', ...setup },
    });
    if (currency === 'USD') continue;
    for (let day = addMonths(firstRateDay, 6); day <= today; day = addMonths(day, 1))
      yield recordOf('DatedConversionRate', salesforceId('DatedConversionRate', currency, day), {
        ...{ IsoCode: currency, ConversionRate: rateIn(day.slice(0, 7)), StartDate: day },
        NextStartDate: addMonths(day, 1),
        ...setupFields({ createdAt: startOfUtcDay(day), createdBy: admin }),
      });
  }
}
