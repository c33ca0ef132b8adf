//! The operations of the API that the crate calls.
//!
//! Source: the section "Usage" of <https://developer.cisco.com/docs/thousandeyes/>.

/// An operation: its path below the base URL, and what an error message tells the caller to check.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) path: &'static str,
    /// For a 400.
    pub(crate) arguments: &'static str,
    /// For a 404.
    pub(crate) location: &'static str,
    /// For a 403: what the token's user needs.
    pub(crate) permission: &'static str,
}

impl Endpoint {
    /// Get usage information.
    pub(crate) const USAGE: Self = Self {
        path: "/v7/usage",
        arguments: "`aid` and `expand`",
        location: "`aid` and `baseUrl`",
        permission: "the permission to view usage in the organisation of `aid`",
    };

    /// Get cloud and enterprise agents units usage.
    pub(crate) const TEST_UNITS: Self = Self {
        path: "/v7/usage/units/tests",
        arguments: "`aid`, `startDate` and `endDate`",
        location: Self::USAGE.location,
        permission: "the permission to view usage, and the organisation usage-based billing",
    };

    /// Get enterprise agents units usage.
    pub(crate) const ENTERPRISE_AGENT_UNITS: Self = Self {
        path: "/v7/usage/units/enterprise-agents",
        arguments: "`startDate` and `endDate`",
        location: Self::QUOTAS.location,
        permission: Self::TEST_UNITS.permission,
    };

    /// Get quotas.
    pub(crate) const QUOTAS: Self = Self {
        path: "/v7/quotas",
        arguments: "the token",
        location: "`baseUrl`",
        permission: "the permission to edit the quotas of the organisation and its account groups",
    };
}
