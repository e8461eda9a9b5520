/**
 * The objects of CONTROLS §1.1 with their fields, as an org with CPQ has them. One word per field:
 * `Name:type`, `Name>Target` for a reference (several targets with `+`); a trailing `!` is never
 * null, a trailing `~` cannot be filtered, sorted or grouped. Id comes first by itself.
 */

const created = 'CreatedDate:datetime! CreatedById>User!';
const stamp = 'SystemModstamp:datetime!';
const setup = `${created} LastModifiedDate:datetime! LastModifiedById>User! ${stamp}`;
const audit = `IsDeleted:boolean! ${setup}`;
const currency = 'CurrencyIsoCode:picklist';

export const standardObjects: Readonly<Record<string, string>> = {
  Account: `Name:string! ParentId>Account Type:picklist BillingCountry:string
    BillingCountryCode:picklist ${currency} OwnerId>User! MasterRecordId>Account
    Stripe_Customer_Id__c:string Tax_Id__c:string Legal_Entity__c:picklist Description:textarea~
    ${audit}`,
  Opportunity: `AccountId>Account Name:string! StageName:picklist! IsWon:boolean! IsClosed:boolean!
    Probability:percent Amount:currency ${currency} CloseDate:date! Type:picklist
    ContractId>Contract Pricebook2Id>Pricebook2 SyncedQuoteId>Quote
    SBQQ__PrimaryQuote__c>SBQQ__Quote__c HasOpportunityLineItem:boolean! OwnerId>User!
    LastStageChangeDate:datetime NextStep:string Order_After__c:date Description:textarea~
    ${audit}`,
  OpportunityLineItem: `OpportunityId>Opportunity! PricebookEntryId>PricebookEntry
    Product2Id>Product2 ProductCode:string Quantity:double! UnitPrice:currency ListPrice:currency
    Discount:percent Subtotal:currency TotalPrice:currency ServiceDate:date Description:string
    ${currency} ${audit}`,
  OpportunityHistory: `OpportunityId>Opportunity! StageName:picklist! Amount:currency CloseDate:date
    Probability:percent ${currency} ${created} ${stamp} IsDeleted:boolean!`,
  OpportunityFieldHistory: `OpportunityId>Opportunity! Field:picklist! OldValue:string~
    NewValue:string~ DataType:picklist ${created} IsDeleted:boolean!`,
  Quote: `OpportunityId>Opportunity IsSyncing:boolean! Status:picklist TotalPrice:currency
    Discount:percent GrandTotal:currency ${currency} ${audit}`,
  QuoteLineItem: `QuoteId>Quote! Product2Id>Product2 Quantity:double UnitPrice:currency
    ListPrice:currency Discount:percent TotalPrice:currency ServiceDate:date
    OpportunityLineItemId>OpportunityLineItem BillingFrequency:picklist StartDate:date EndDate:date
    SubscriptionTerm:double ${currency} ${audit}`,
  SBQQ__Quote__c: `Name:string! SBQQ__Opportunity2__c>Opportunity SBQQ__Account__c>Account
    SBQQ__Primary__c:boolean! SBQQ__Status__c:picklist SBQQ__Type__c:picklist
    SBQQ__StartDate__c:date SBQQ__EndDate__c:date SBQQ__SubscriptionTerm__c:double
    SBQQ__NetAmount__c:currency SBQQ__ListAmount__c:currency SBQQ__CustomerAmount__c:currency
    SBQQ__CustomerDiscount__c:percent SBQQ__AverageCustomerDiscount__c:percent
    SBQQ__PaymentTerms__c:picklist SBQQ__BillingFrequency__c:picklist
    SBQQ__MasterContract__c>Contract SBQQ__Ordered__c:boolean! ApprovalStatus__c:picklist
    ${currency} ${audit}`,
  SBQQ__QuoteLine__c: `Name:string! SBQQ__Quote__c>SBQQ__Quote__c! SBQQ__Product__c>Product2
    SBQQ__Quantity__c:double SBQQ__PriorQuantity__c:double SBQQ__EffectiveQuantity__c:double
    SBQQ__ListPrice__c:currency SBQQ__RegularPrice__c:currency SBQQ__CustomerPrice__c:currency
    SBQQ__NetPrice__c:currency SBQQ__NetTotal__c:currency SBQQ__SpecialPrice__c:currency
    SBQQ__Discount__c:percent SBQQ__AdditionalDiscountAmount__c:currency
    SBQQ__TotalDiscountRate__c:percent SBQQ__StartDate__c:date SBQQ__EndDate__c:date
    SBQQ__EffectiveStartDate__c:date SBQQ__EffectiveEndDate__c:date
    SBQQ__SubscriptionTerm__c:double SBQQ__ProrateMultiplier__c:double
    SBQQ__SubscriptionPricing__c:picklist SBQQ__ChargeType__c:picklist
    SBQQ__BillingFrequency__c:picklist SBQQ__BillingType__c:picklist
    SBQQ__UpgradedSubscription__c>SBQQ__Subscription__c SBQQ__Existing__c:boolean!
    SBQQ__SegmentIndex__c:double ${currency} ${audit}`,
  SBQQ__Subscription__c: `Name:string! SBQQ__Contract__c>Contract SBQQ__Account__c>Account
    SBQQ__Product__c>Product2 SBQQ__QuoteLine__c>SBQQ__QuoteLine__c SBQQ__Quantity__c:double
    SBQQ__NetPrice__c:currency SBQQ__ListPrice__c:currency SBQQ__ProrateMultiplier__c:double
    SBQQ__StartDate__c:date SBQQ__EndDate__c:date SBQQ__TerminatedDate__c:date
    SBQQ__RevisedSubscription__c>SBQQ__Subscription__c ${currency} ${audit}`,
  Contract: `AccountId>Account! ContractNumber:string! Status:picklist! StatusCode:picklist!
    StartDate:date EndDate:date ContractTerm:int ActivatedDate:datetime ActivatedById>User
    CustomerSignedDate:date CompanySignedDate:date SBQQ__Opportunity__c>Opportunity
    SBQQ__Evergreen__c:boolean! ${currency} ${audit}`,
  Order: `OrderNumber:string! AccountId>Account OpportunityId>Opportunity ContractId>Contract
    QuoteId>Quote EffectiveDate:date! EndDate:date Status:picklist! StatusCode:picklist!
    Type:picklist TotalAmount:currency ActivatedDate:datetime ActivatedById>User
    IsReductionOrder:boolean! OriginalOrderId>Order PoNumber:string
    SBQQ__PaymentTerm__c:picklist ${currency} ${audit}`,
  OrderItem: `OrderItemNumber:string! OrderId>Order! Product2Id>Product2
    PricebookEntryId>PricebookEntry QuoteLineItemId>QuoteLineItem Quantity:double!
    AvailableQuantity:double UnitPrice:currency ListPrice:currency TotalPrice:currency
    ServiceDate:date EndDate:date OriginalOrderItemId>OrderItem
    SBQQ__QuoteLine__c>SBQQ__QuoteLine__c SBQQ__ProrateMultiplier__c:double
    SBQQ__QuotedListPrice__c:currency SBQQ__QuotedQuantity__c:double
    SBQQ__BillingFrequency__c:picklist SBQQ__ChargeType__c:picklist
    SBQQ__ContractAction__c:picklist Commit_Amount__c:currency Overage_Rate__c:string
    ${currency} ${audit}`,
  Product2: `ProductCode:string Name:string! Family:picklist IsActive:boolean! ${currency}
    ${audit}`,
  Pricebook2: `Name:string! IsActive:boolean! IsStandard:boolean! ${audit}`,
  PricebookEntry: `Name:string Product2Id>Product2! Pricebook2Id>Pricebook2! UnitPrice:currency!
    ${currency} IsActive:boolean! ${audit}`,
  CurrencyType: `IsoCode:picklist! ConversionRate:double! DecimalPlaces:int! IsActive:boolean!
    IsCorporate:boolean! ${setup}`,
  DatedConversionRate: `IsoCode:picklist! ConversionRate:double! StartDate:date!
    NextStartDate:date! ${setup}`,
  ProcessInstance: `TargetObjectId>Opportunity+Order+SBQQ__Quote__c! Status:picklist!
    SubmittedById>User CompletedDate:datetime ${audit}`,
  ProcessInstanceStep: `ProcessInstanceId>ProcessInstance! StepStatus:picklist ActorId>User!
    OriginalActorId>User! Comments:string~ ${created} ${stamp}`,
  User: `Username:string! Name:string! Email:email! FederationIdentifier:string
    EmployeeNumber:string IsActive:boolean! ProfileId>Profile! UserRoleId>UserRole
    UserType:picklist LastLoginDate:datetime ${setup}`,
  Profile: `Name:string! UserType:picklist ${setup}`,
  UserRole: `Name:string! ParentRoleId>UserRole LastModifiedDate:datetime!
    LastModifiedById>User! ${stamp}`,
  PermissionSet: `Name:string! Label:string! IsOwnedByProfile:boolean! ProfileId>Profile
    PermissionsModifyAllData:boolean! PermissionsViewAllData:boolean!
    PermissionsManageUsers:boolean! PermissionsAuthorApex:boolean!
    PermissionsCustomizeApplication:boolean! ${setup}`,
  PermissionSetAssignment: `AssigneeId>User! PermissionSetId>PermissionSet
    PermissionSetGroupId:string ExpirationDate:datetime ${stamp}`,
  PermissionSetGroupComponent: `PermissionSetGroupId:string! PermissionSetId>PermissionSet!
    ${audit}`,
  ObjectPermissions: `ParentId>PermissionSet! SobjectType:picklist! PermissionsRead:boolean!
    PermissionsCreate:boolean! PermissionsEdit:boolean! PermissionsDelete:boolean!
    PermissionsViewAllRecords:boolean! PermissionsModifyAllRecords:boolean! ${setup}`,
  FieldPermissions: `ParentId>PermissionSet! SobjectType:picklist! Field:picklist!
    PermissionsRead:boolean! PermissionsEdit:boolean! ${stamp}`,
  SetupAuditTrail: `Action:string! Section:string ${created} Display:string DelegateUser:string`,
  LoginHistory: `UserId>User! LoginTime:datetime! LoginType:picklist SourceIp:string Status:string
    Application:string`,
};

/** Objects whose rows cannot be counted or summed by the server (CONTROLS §1.1, last row). */
export const withoutAggregates: ReadonlySet<string> = new Set(['SetupAuditTrail', 'LoginHistory']);
