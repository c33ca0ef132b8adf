//! The operations of the API that the crate calls.
//!
//! Source: the section "Usage" of <https://developer.cisco.com/docs/thousandeyes/>.

/// An operation: its path below the base URL, and what an error message tells the caller to check.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) path: &'static str,
    /// The arguments, for a 400.
    pub(crate) arguments: &'static str,
    /// What the token's user needs, for a 403.
    pub(crate) permission: &'static str,
}

impl Endpoint {
    /// Get usage information.
    pub(crate) const USAGE: Self = Self {
        path: "/v7/usage",
        arguments: "`aid` and `expand`",
        permission: "the permission to view usage in the organisation of `aid`",
    };

    /// Get cloud and enterprise agents units usage.
    pub(crate) const TEST_UNITS: Self = Self {
        path: "/v7/usage/units/tests",
        arguments: "`aid`, `startDate` and `endDate`",
        permission: "the permission to view usage, and the organisation usage-based billing",
    };

    /// Get enterprise agents units usage.
    pub(crate) const ENTERPRISE_AGENT_UNITS: Self = Self {
        path: "/v7/usage/units/enterprise-agents",
        arguments: "`startDate` and `endDate`",
        permission: Self::TEST_UNITS.permission,
    };

    /// Get quotas.
    pub(crate) const QUOTAS: Self = Self {
        path: "/v7/quotas",
        arguments: "the token",
        permission: "the permission to edit the quotas of the organisation and its account groups",
    };
}
