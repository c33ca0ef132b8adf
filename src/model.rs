//! The responses of the API, as it documents them.
//!
//! Each line of the `model!` below is the only definition of a field: its docs, its Rust name, its JSON name and its type. It
//! makes the Rust types with serde's derives, the table of the decoder, and the TypeScript declarations.
//!
//! Source: <https://developer.cisco.com/docs/thousandeyes/get-usage/> and the pages of the other operations beside it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON object of the model, as data. One function reads all of them; code for each would be many times larger.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) fields: &'static [Field],
    /// For the declarations, which are made natively.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) declared: Declared,
}

/// A field of a [`Model`].
#[derive(Debug)]
pub(crate) struct Field {
    /// The JSON name with its quotes and its colon.
    pub(crate) member: &'static str,
    pub(crate) value_type: Type,
    pub(crate) is_required: bool,
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) declared: Declared,
}

/// The name in TypeScript, and the doc comment by line.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) docs: &'static [&'static str],
}

impl Field {
    /// The JSON name with its quotes.
    pub(crate) fn quoted_name(&self) -> &'static str {
        self.member.get(..self.member.len() - 1).unwrap_or_default()
    }

    /// The JSON name.
    pub(crate) fn name(&self) -> &'static str {
        self.member.get(1..self.member.len() - 2).unwrap_or_default()
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    String,
    Boolean,
    Integer,
    Object(&'static Model),
    Array(&'static Model),
    /// A type of the summaries, by its name in TypeScript. Summaries are written, and never read.
    WriteOnly(#[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "for the declarations"))] &'static str),
}

/// A Rust type that a field may have.
pub(crate) trait FieldType {
    const TYPE: Type;
    const IS_REQUIRED: bool = true;

    /// Whether the field is left out of the JSON.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A Rust type that is a JSON object.
pub(crate) trait Object {
    const MODEL: &'static Model;
}

impl FieldType for String {
    const TYPE: Type = Type::String;
}

impl FieldType for bool {
    const TYPE: Type = Type::Boolean;
}

impl FieldType for i64 {
    const TYPE: Type = Type::Integer;
}

impl<T: Object> FieldType for T {
    const TYPE: Type = Type::Object(T::MODEL);
}

impl<T: Object> FieldType for Vec<T> {
    const TYPE: Type = Type::Array(T::MODEL);
}

impl<T: FieldType> FieldType for Option<T> {
    const TYPE: Type = T::TYPE;
    const IS_REQUIRED: bool = false;

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Describes a struct as a [`Model`].
macro_rules! describe {
    ($name:ident [$($doc:literal),+] $([$($field_doc:literal),+] $json:literal: $type:ty;)+) => {
        impl crate::model::Object for $name {
            const MODEL: &'static crate::model::Model = &crate::model::Model {
                fields: &[$(crate::model::Field {
                    member: concat!("\"", $json, "\":"),
                    value_type: <$type as crate::model::FieldType>::TYPE,
                    is_required: <$type as crate::model::FieldType>::IS_REQUIRED,
                    #[cfg(not(target_arch = "wasm32"))]
                    declared: crate::model::Declared { name: $json, docs: &[$($field_doc),+] },
                }),+],
                #[cfg(not(target_arch = "wasm32"))]
                declared: crate::model::Declared { name: stringify!($name), docs: &[$($doc),+] },
            };
        }
    };
}
pub(crate) use describe;

macro_rules! model {
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $($(#[doc = $field_doc:literal])+ $field:ident, $json:literal: $type:ty;)+
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
            #[non_exhaustive]
            pub struct $name {
                $(
                    $(#[doc = $field_doc])+
                    #[serde(rename = $json, skip_serializing_if = "FieldType::is_absent")]
                    pub $field: $type,
                )+
                /// Fields that this version does not know, as they came.
                #[serde(flatten)]
                pub other: Map<String, Value>,
            }

            describe! { $name [$($doc),+] $([$($field_doc),+] $json: $type;)+ }
        )+

        /// Every object of the model, in the order of the declarations.
        #[cfg(not(target_arch = "wasm32"))]
        pub(crate) const MODELS: &[&Model] = &[$(<$name as Object>::MODEL),+];
    };
}

model! {
    /// The response of `GET /v7/usage`: what an organisation has used of its quota in the current billing period.
    pub struct Usage {
        /// The organisation's quota, totals and breakdowns.
        usage, "usage": Option<UsageDetails>;
        /// The address of this response.
        links, "_links": Option<SelfLinks>;
    }

    /// Quota, totals and breakdowns of one organisation.
    ///
    /// `Used` is what was consumed so far in the billing period. `Projected` is an estimate for the whole period that
    /// the API updates every hour. `NextBillingPeriod` is an estimate for the period after it.
    pub struct UsageDetails {
        /// What the organisation's plan includes. Absent when the API does not send it.
        quota, "quota": Option<UsageQuota>;
        /// Cloud units used so far in this billing period.
        cloud_units_used, "cloudUnitsUsed": Option<i64>;
        /// Cloud units that this billing period is estimated to end with.
        cloud_units_projected, "cloudUnitsProjected": Option<i64>;
        /// Cloud units that the next billing period is estimated to use.
        cloud_units_next_billing_period, "cloudUnitsNextBillingPeriod": Option<i64>;
        /// Enterprise units used so far in this billing period. Non-zero only with metered billing.
        enterprise_units_used, "enterpriseUnitsUsed": Option<i64>;
        /// Enterprise units that this billing period is estimated to end with. Non-zero only with metered billing.
        enterprise_units_projected, "enterpriseUnitsProjected": Option<i64>;
        /// Enterprise units that the next billing period is estimated to use. Non-zero only with metered billing.
        enterprise_units_next_billing_period, "enterpriseUnitsNextBillingPeriod": Option<i64>;
        /// Connected Devices units used so far in this billing period.
        connected_devices_units_used, "connectedDevicesUnitsUsed": Option<i64>;
        /// Connected Devices units that this billing period is estimated to end with.
        connected_devices_units_projected, "connectedDevicesUnitsProjected": Option<i64>;
        /// Connected Devices units that the next billing period is estimated to use.
        connected_devices_units_next_billing_period, "connectedDevicesUnitsNextBillingPeriod": Option<i64>;
        /// Endpoint agents in use: the peak hour of this billing period.
        endpoint_agents_used, "endpointAgentsUsed": Option<i64>;
        /// Endpoint agents in use with an Essentials licence: the peak hour of this billing period.
        endpoint_agents_essentials_used, "endpointAgentsEssentialsUsed": Option<i64>;
        /// Endpoint agents in use with an Embedded licence: the peak hour of this billing period.
        endpoint_agents_embedded_used, "endpointAgentsEmbeddedUsed": Option<i64>;
        /// Enterprise agents in use.
        enterprise_agents_used, "enterpriseAgentsUsed": Option<i64>;
        /// Cloud units of each test. Absent unless `test` was expanded.
        tests, "tests": Option<Vec<TestUsage>>;
        /// Units of each enterprise agent. Absent unless `enterprise-agent-unit` was expanded.
        enterprise_agent_units, "enterpriseAgentUnits": Option<Vec<EnterpriseAgentUnits>>;
        /// Endpoint agents of each account group. Absent unless `endpoint-agent` was expanded.
        endpoint_agents, "endpointAgents": Option<Vec<EndpointAgentsUsage>>;
        /// Endpoint agents with an Essentials licence, of each account group. Absent unless
        /// `endpoint-agent-essential` was expanded.
        endpoint_agents_essentials, "endpointAgentsEssentials": Option<Vec<EndpointAgentsEssentials>>;
        /// Endpoint agents with an Embedded licence, of each account group. Absent unless
        /// `endpoint-agent-embedded` was expanded.
        endpoint_agents_embedded, "endpointAgentsEmbedded": Option<Vec<EndpointAgentsEmbedded>>;
        /// Enterprise agents of each account group. Absent unless `enterprise-agent` was expanded.
        enterprise_agents, "enterpriseAgents": Option<Vec<EnterpriseAgents>>;
        /// Units of the organisation's plan and how they are shared out to products. Absent where nothing is
        /// allocated.
        allocations, "allocations": Option<UnitAllocationSummary>;
    }

    /// What the organisation's plan includes in a billing period.
    pub struct UsageQuota {
        /// Start of the current billing period: an ISO 8601 date-time.
        month_start, "monthStart": Option<String>;
        /// End of the current billing period: an ISO 8601 date-time.
        month_end, "monthEnd": Option<String>;
        /// Cloud units included in the period. Often more than 32 bits hold.
        cloud_units_included, "cloudUnitsIncluded": Option<i64>;
        /// Device agents included.
        device_agents_included, "deviceAgentsIncluded": Option<i64>;
        /// Endpoint agents included.
        endpoint_agents_included, "endpointAgentsIncluded": Option<i64>;
        /// Endpoint agents with an Essentials licence included.
        endpoint_agents_essentials_included, "endpointAgentsEssentialsIncluded": Option<i64>;
        /// Endpoint agents with an Embedded licence included.
        endpoint_agents_embedded_included, "endpointAgentsEmbeddedIncluded": Option<i64>;
        /// Enterprise agents included. Present only with legacy billing.
        enterprise_agents_included, "enterpriseAgentsIncluded": Option<i64>;
    }

    /// Cloud units of one test.
    pub struct TestUsage {
        /// ID of the account group that owns the test.
        aid, "aid": Option<String>;
        /// Name of the account group that owns the test.
        account_group_name, "accountGroupName": Option<String>;
        /// ID of the test.
        test_id, "testId": Option<String>;
        /// Name of the test.
        test_name, "testName": Option<String>;
        /// Type of the test, such as `http-server`. Free text: new types appear over time.
        test_type, "testType": Option<String>;
        /// Cloud units used so far in this billing period.
        cloud_units_used, "cloudUnitsUsed": Option<i64>;
        /// Cloud units that this billing period is estimated to end with. Absent for a new test.
        cloud_units_projected, "cloudUnitsProjected": Option<i64>;
    }

    /// Units of one enterprise agent.
    pub struct EnterpriseAgentUnits {
        /// ID of an account group: of that which owns the agent or, from `getEnterpriseAgentUnits`, that which owns the tests.
        aid, "aid": Option<String>;
        /// Name of the account group.
        account_group_name, "accountGroupName": Option<String>;
        /// ID of the agent. May be absent.
        agent_id, "agentId": Option<String>;
        /// Name of the agent.
        agent_name, "agentName": Option<String>;
        /// Enterprise units used in the period, so far.
        enterprise_units_used, "enterpriseUnitsUsed": Option<i64>;
        /// Enterprise units that the period is estimated to end with.
        enterprise_units_projected, "enterpriseUnitsProjected": Option<i64>;
    }

    /// Units of one test between two dates, of `GET /v7/usage/units/tests`.
    pub struct UnitsByTests {
        /// ID of the account group that owns the test.
        aid, "aid": Option<String>;
        /// Name of the account group that owns the test.
        account_group_name, "accountGroupName": Option<String>;
        /// ID of the test.
        test_id, "testId": Option<String>;
        /// Name of the test.
        test_name, "testName": Option<String>;
        /// Type of the test, such as `http-server`. Free text: new types appear over time.
        test_type, "testType": Option<String>;
        /// Cloud units used between the dates.
        cloud_units_used, "cloudUnitsUsed": Option<i64>;
        /// Cloud units that the period is estimated to end with. Absent where the API has no estimate.
        cloud_units_projected, "cloudUnitsProjected": Option<i64>;
        /// Enterprise units used between the dates.
        enterprise_units_used, "enterpriseUnitsUsed": Option<i64>;
        /// Enterprise units that the period is estimated to end with. Absent where the API has no estimate.
        enterprise_units_projected, "enterpriseUnitsProjected": Option<i64>;
        /// Whether the test was run once, at the moment it was created.
        is_instant_test, "isInstantTest": Option<bool>;
    }

    /// The quotas of organisations, as an administrator has set them.
    pub struct Quotas {
        /// The quotas of each organisation.
        quotas, "quotas": Option<Vec<Quota>>;
        /// The address of this response.
        links, "_links": Option<SelfLinks>;
    }

    /// The quotas of one organisation.
    pub struct Quota {
        /// Quota of the organisation.
        organization_quota, "organizationQuota": Option<OrganizationQuota>;
        /// Quotas of its account groups. An account group without a quota is absent.
        account_group_quotas, "accountGroupQuotas": Option<Vec<AccountGroupQuota>>;
    }

    /// Quota of an organisation.
    pub struct OrganizationQuota {
        /// ID of the organisation.
        org_id, "orgId": Option<String>;
        /// Units that the organisation may use in a billing period. Always there.
        value, "value": i64;
    }

    /// Quota of an account group.
    pub struct AccountGroupQuota {
        /// ID of the account group.
        aid, "aid": Option<String>;
        /// Units that the account group may use in a billing period.
        value, "value": Option<i64>;
    }

    /// Endpoint agents of one account group.
    pub struct EndpointAgentsUsage {
        /// ID of the account group.
        aid, "aid": Option<String>;
        /// Name of the account group.
        account_group_name, "accountGroupName": Option<String>;
        /// Endpoint agents in use: the peak hour of this billing period.
        endpoint_agents_used, "endpointAgentsUsed": Option<i64>;
    }

    /// Endpoint agents with an Essentials licence, of one account group.
    pub struct EndpointAgentsEssentials {
        /// ID of the account group.
        aid, "aid": Option<String>;
        /// Name of the account group.
        account_group_name, "accountGroupName": Option<String>;
        /// Agents in use: the peak hour of this billing period.
        endpoint_agents_essentials_used, "endpointAgentsEssentialsUsed": Option<i64>;
    }

    /// Endpoint agents with an Embedded licence, of one account group.
    pub struct EndpointAgentsEmbedded {
        /// ID of the account group.
        aid, "aid": Option<String>;
        /// Name of the account group.
        account_group_name, "accountGroupName": Option<String>;
        /// Agents in use: the peak hour of this billing period.
        endpoint_agents_embedded_used, "endpointAgentsEmbeddedUsed": Option<i64>;
    }

    /// Enterprise agents of one account group.
    pub struct EnterpriseAgents {
        /// ID of the account group.
        aid, "aid": Option<String>;
        /// Name of the account group.
        account_group_name, "accountGroupName": Option<String>;
        /// Enterprise agents in use.
        enterprise_agents_used, "enterpriseAgentsUsed": Option<i64>;
    }

    /// Units of the plan and how they are shared out to products.
    pub struct UnitAllocationSummary {
        /// Units used so far in this billing period.
        used, "used": Option<i64>;
        /// Units that this billing period is estimated to end with.
        projected, "projected": Option<i64>;
        /// The share of each product.
        allocations, "allocations": Option<Vec<ProductAllocation>>;
    }

    /// Units allocated to one product.
    pub struct ProductAllocation {
        /// Name of the product.
        product_name, "productName": Option<String>;
        /// Units allocated to it in a billing period.
        allocated_units, "allocatedUnits": Option<i64>;
    }

    /// Links of the response, as in HAL. May be empty.
    pub struct SelfLinks {
        /// The response itself.
        self_link, "self": Option<Link>;
    }

    /// A link, as in [HAL](https://datatracker.ietf.org/doc/html/draft-kelly-json-hal-11#section-5).
    pub struct Link {
        /// The target: a URI, or a URI template when `templated` is true. The one field that is always there.
        href, "href": String;
        /// Whether `href` is a URI template.
        templated, "templated": Option<bool>;
        /// Media type to expect of the target.
        r#type, "type": Option<String>;
        /// Where to read about the link's deprecation. Present only when it is deprecated.
        deprecation, "deprecation": Option<String>;
        /// Tells links of the same relation apart.
        name, "name": Option<String>;
        /// URI of a profile of the target.
        profile, "profile": Option<String>;
        /// Title for people.
        title, "title": Option<String>;
        /// Language of the target.
        hreflang, "hreflang": Option<String>;
    }

    /// A page of `GET /v7/usage/units/tests`.
    pub struct TestsUsage {
        /// The rows of this page.
        breakdowns, "breakdowns": Option<Vec<UnitsByTests>>;
        /// Links to this page and those beside it.
        links, "_links": Option<PaginationLinks>;
    }

    /// A page of `GET /v7/usage/units/enterprise-agents`.
    pub struct EnterpriseAgentsUsage {
        /// The rows of this page.
        breakdowns, "breakdowns": Option<Vec<EnterpriseAgentUnits>>;
        /// Links to this page and those beside it.
        links, "_links": Option<PaginationLinks>;
    }

    /// Links between pages. May be empty.
    pub struct PaginationLinks {
        /// The page before. Absent on the first page.
        previous, "previous": Option<Link>;
        /// The page after. Absent on the last page.
        next, "next": Option<Link>;
        /// The page itself.
        self_link, "self": Option<Link>;
    }
}
