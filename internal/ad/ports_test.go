package ad_test

import (
	"easbot/approvals"
	"easbot/diag"
	"easbot/internal/ad"
)

// The small interfaces that the rules declare are what this package is for.
var (
	_ diag.Directory      = (*ad.Directory)(nil)
	_ approvals.Directory = (*ad.Directory)(nil)
)
