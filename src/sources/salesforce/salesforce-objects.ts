/** An object of CONTROLS §1.1 as it is read. */
export interface SalesforceObject {
  name: string;
  /** Without one of these the object is not read: controls would judge by what is hidden. */
  required: readonly string[];
  /** Selected where the org has them. A path ends in a field of a related record. */
  optional: readonly string[];
  /** What windows go by: when a record last changed, or when one that never changes was made. */
  stamp: 'SystemModstamp' | 'CreatedDate' | 'LoginTime';
  /** Orgs may do without it: then there is nothing to read. */
  isOptional: boolean;
  /** Salesforce removes its records by age: one that is gone is no deletion. */
  isAgedOut: boolean;
  /** Other records name its records however old these are: `since` does not hold for it. */
  isMaster: boolean;
  /** How a record leads to its Account, where it has a legal entity. */
  accountPath: string | null;
  /** Native amount that totals by currency add up. */
  amount: string | null;
}

/** No record of any org is older: Salesforce was founded in March 1999. */
export const firstOfAll = '1999-01-01';

const changed = 'CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp';
const audit = `${changed} IsDeleted`;

type Rest = Partial<Pick<SalesforceObject, 'stamp' | 'accountPath' | 'amount'>>;
type Marks = { isOptional?: boolean; isAgedOut?: boolean };

const masters: ReadonlySet<string> = new Set([
  ...['CurrencyType', 'DatedConversionRate', 'User', 'Profile', 'UserRole', 'PermissionSet'],
  ...['PermissionSetAssignment', 'PermissionSetGroupComponent', 'ObjectPermissions'],
  ...['FieldPermissions', 'Account', 'Product2', 'Pricebook2', 'PricebookEntry'],
]);

function object(
  name: string,
  required: string,
  optional: string,
  { stamp = 'SystemModstamp', accountPath = null, amount = null }: Rest = {},
  { isOptional = false, isAgedOut = false }: Marks = {},
): SalesforceObject {
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
  const isMaster = masters.has(name);
  const rest = { stamp, accountPath, amount, isOptional, isAgedOut, isMaster };
  return { name, required: ['Id', ...words(required)], optional: words(optional), ...rest };
}

const history = (name: string, parent: string, accountPath: string): SalesforceObject =>
  object(
    name,
    `${parent} Field OldValue NewValue CreatedDate CreatedById IsDeleted`,
    'DataType',
    { stamp: 'CreatedDate', accountPath },
    { isOptional: true, isAgedOut: true },
  );

/** Fields whose names begin so come with Salesforce CPQ: needed only where it is installed. */
export const cpqPrefix = 'SBQQ__';

/** Every object that is read, parents before children. */
export const salesforceObjects: readonly SalesforceObject[] = [
  object(
    'CurrencyType',
    'IsoCode ConversionRate DecimalPlaces IsActive IsCorporate SystemModstamp',
    '',
    {},
    { isOptional: true },
  ),
  object(
    'DatedConversionRate',
    'IsoCode ConversionRate StartDate NextStartDate SystemModstamp',
    '',
    {},
    { isOptional: true },
  ),
  object(
    'User',
    'Username IsActive ProfileId UserType LastLoginDate CreatedDate SystemModstamp',
    'Name Email FederationIdentifier EmployeeNumber UserRoleId UserRole.Name',
  ),
  object('Profile', 'Name SystemModstamp', 'UserType'),
  object('UserRole', 'Name SystemModstamp', 'ParentRoleId', {}, { isOptional: true }),
  object(
    'PermissionSet',
    `Name IsOwnedByProfile ProfileId PermissionsModifyAllData PermissionsViewAllData
    PermissionsManageUsers PermissionsAuthorApex PermissionsCustomizeApplication SystemModstamp`,
    'Label',
  ),
  object(
    'PermissionSetAssignment',
    'AssigneeId PermissionSetId SystemModstamp',
    'PermissionSetGroupId ExpirationDate PermissionSet.Name PermissionSet.IsOwnedByProfile',
  ),
  object(
    'PermissionSetGroupComponent',
    'PermissionSetGroupId PermissionSetId SystemModstamp',
    '',
    {},
    { isOptional: true },
  ),
  object(
    'ObjectPermissions',
    `ParentId SobjectType PermissionsCreate PermissionsEdit PermissionsDelete
    PermissionsModifyAllRecords SystemModstamp`,
    'PermissionsRead PermissionsViewAllRecords',
  ),
  object(
    'FieldPermissions',
    'ParentId SobjectType Field PermissionsEdit SystemModstamp',
    'PermissionsRead',
    {},
    { isOptional: true },
  ),
  object(
    'Account',
    `Name ParentId Type OwnerId MasterRecordId ${audit}`,
    'BillingCountry BillingCountryCode CurrencyIsoCode Stripe_Customer_Id__c Tax_Id__c',
  ),
  object(
    'Product2',
    'ProductCode Name Family IsActive CreatedDate LastModifiedDate SystemModstamp IsDeleted',
    'CurrencyIsoCode',
  ),
  object('Pricebook2', 'Name IsActive IsStandard SystemModstamp IsDeleted', ''),
  object(
    'PricebookEntry',
    `Product2Id Pricebook2Id UnitPrice IsActive CreatedDate LastModifiedDate SystemModstamp
    IsDeleted`,
    'CurrencyIsoCode Product2.ProductCode',
    { amount: 'UnitPrice' },
  ),
  object(
    'Opportunity',
    `AccountId Account.Name Name StageName IsWon IsClosed Probability Amount CloseDate Type
    OwnerId HasOpportunityLineItem ${audit}`,
    `CurrencyIsoCode ContractId Pricebook2Id SyncedQuoteId SBQQ__PrimaryQuote__c Owner.Name
    LastStageChangeDate NextStep Order_After__c Contract_Start_Date__c Contract_End_Date__c`,
    { accountPath: 'Account', amount: 'Amount' },
  ),
  object(
    'OpportunityLineItem',
    `OpportunityId PricebookEntryId Product2Id ProductCode Quantity UnitPrice ListPrice Discount
    Subtotal TotalPrice ServiceDate Description ${audit}`,
    'CurrencyIsoCode',
    { accountPath: 'Opportunity.Account', amount: 'TotalPrice' },
  ),
  object(
    'OpportunityHistory',
    'OpportunityId StageName Amount CloseDate Probability CreatedDate CreatedById SystemModstamp',
    'CurrencyIsoCode IsDeleted',
    { accountPath: 'Opportunity.Account', amount: 'Amount' },
  ),
  history('OpportunityFieldHistory', 'OpportunityId', 'Opportunity.Account'),
  object(
    'Quote',
    `OpportunityId IsSyncing Status TotalPrice Discount GrandTotal ${audit}`,
    'CurrencyIsoCode',
    { amount: 'GrandTotal' },
    { isOptional: true },
  ),
  object(
    'QuoteLineItem',
    `QuoteId Product2Id Quantity UnitPrice ListPrice Discount TotalPrice ServiceDate ${audit}`,
    `CurrencyIsoCode OpportunityLineItemId BillingFrequency StartDate EndDate SubscriptionTerm`,
    { amount: 'TotalPrice' },
    { isOptional: true },
  ),
  object(
    'SBQQ__Quote__c',
    `SBQQ__Opportunity2__c SBQQ__Account__c SBQQ__Primary__c SBQQ__Status__c SBQQ__Type__c
    SBQQ__StartDate__c SBQQ__EndDate__c SBQQ__SubscriptionTerm__c SBQQ__NetAmount__c
    SBQQ__ListAmount__c SBQQ__CustomerAmount__c SBQQ__CustomerDiscount__c SBQQ__PaymentTerms__c
    SBQQ__BillingFrequency__c SBQQ__MasterContract__c SBQQ__Ordered__c ${audit}`,
    'CurrencyIsoCode Name ApprovalStatus__c SBQQ__AverageCustomerDiscount__c',
    { accountPath: 'SBQQ__Account__r', amount: 'SBQQ__NetAmount__c' },
    { isOptional: true },
  ),
  object(
    'SBQQ__QuoteLine__c',
    `SBQQ__Quote__c SBQQ__Product__c SBQQ__Quantity__c SBQQ__PriorQuantity__c
    SBQQ__EffectiveQuantity__c SBQQ__ListPrice__c SBQQ__RegularPrice__c SBQQ__CustomerPrice__c
    SBQQ__NetPrice__c SBQQ__NetTotal__c SBQQ__SpecialPrice__c SBQQ__Discount__c
    SBQQ__AdditionalDiscountAmount__c SBQQ__TotalDiscountRate__c SBQQ__StartDate__c
    SBQQ__EndDate__c SBQQ__EffectiveStartDate__c SBQQ__EffectiveEndDate__c
    SBQQ__SubscriptionTerm__c SBQQ__ProrateMultiplier__c SBQQ__SubscriptionPricing__c
    SBQQ__ChargeType__c SBQQ__BillingFrequency__c SBQQ__BillingType__c
    SBQQ__UpgradedSubscription__c SBQQ__Existing__c ${audit}`,
    'CurrencyIsoCode Name SBQQ__SegmentIndex__c SBQQ__ProductCode__c',
    { accountPath: 'SBQQ__Quote__r.SBQQ__Account__r', amount: 'SBQQ__NetTotal__c' },
    { isOptional: true },
  ),
  object(
    'Contract',
    `AccountId ContractNumber Status StatusCode StartDate EndDate ContractTerm ActivatedDate
    ActivatedById CustomerSignedDate CompanySignedDate ${audit}`,
    'CurrencyIsoCode SBQQ__Opportunity__c SBQQ__Evergreen__c',
    { accountPath: 'Account' },
  ),
  history('ContractHistory', 'ContractId', 'Contract.Account'),
  object(
    'SBQQ__Subscription__c',
    `SBQQ__Contract__c SBQQ__Account__c SBQQ__Product__c SBQQ__QuoteLine__c SBQQ__Quantity__c
    SBQQ__NetPrice__c SBQQ__ListPrice__c SBQQ__ProrateMultiplier__c SBQQ__StartDate__c
    SBQQ__EndDate__c SBQQ__TerminatedDate__c SBQQ__RevisedSubscription__c ${audit}`,
    'CurrencyIsoCode Name',
    { accountPath: 'SBQQ__Account__r', amount: 'SBQQ__NetPrice__c' },
    { isOptional: true },
  ),
  object(
    'Order',
    `OrderNumber AccountId Account.Name OpportunityId ContractId EffectiveDate EndDate Status
    StatusCode Type TotalAmount ActivatedDate ActivatedById IsReductionOrder OriginalOrderId
    PoNumber ${audit}`,
    `CurrencyIsoCode QuoteId SBQQ__Quote__c SBQQ__PaymentTerm__c OwnerId Billing_Frequency__c
    Payment_Terms__c Stripe_Subscription_Id__c`,
    { accountPath: 'Account', amount: 'TotalAmount' },
  ),
  object(
    'OrderItem',
    `OrderItemNumber OrderId Order.IsReductionOrder Product2Id PricebookEntryId Quantity
    AvailableQuantity UnitPrice ListPrice TotalPrice ServiceDate EndDate OriginalOrderItemId
    ${audit}`,
    `CurrencyIsoCode Description QuoteLineItemId Product2.ProductCode SBQQ__QuoteLine__c
    SBQQ__ProrateMultiplier__c SBQQ__QuotedListPrice__c SBQQ__QuotedQuantity__c
    SBQQ__BillingFrequency__c SBQQ__BillingType__c SBQQ__ChargeType__c SBQQ__ContractAction__c
    SBQQ__SegmentIndex__c SBQQ__TotalDiscountRate__c Commit_Amount__c Overage_Price__c`,
    { accountPath: 'Order.Account', amount: 'TotalPrice' },
  ),
  history('OrderHistory', 'OrderId', 'Order.Account'),
  history('OrderItemHistory', 'OrderItemId', 'OrderItem.Order.Account'),
  object(
    'ProcessInstance',
    'TargetObjectId Status SubmittedById CompletedDate CreatedDate SystemModstamp',
    'LastActorId ProcessDefinition.Name IsDeleted',
  ),
  object(
    'ProcessInstanceStep',
    'ProcessInstanceId StepStatus ActorId OriginalActorId CreatedDate SystemModstamp',
    'Comments CreatedById',
  ),
  object(
    'SetupAuditTrail',
    'Action Section Display CreatedDate CreatedById DelegateUser',
    '',
    { stamp: 'CreatedDate' },
    { isAgedOut: true },
  ),
  object(
    'LoginHistory',
    'UserId LoginTime LoginType Status',
    'SourceIp Application',
    { stamp: 'LoginTime' },
    { isAgedOut: true },
  ),
];
