package bot

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// TestWithoutAddress_LeavesOnlyTheHost: with a response_url anybody may speak as easbot for half an hour.
func TestWithoutAddress_LeavesOnlyTheHost(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	err := withoutAddress(&url.Error{Op: "Post", URL: "https://hooks.slack.com/commands/T1/2/secret", Err: cause})
	if !errors.Is(err, cause) || strings.Contains(err.Error(), "secret") ||
		!strings.Contains(err.Error(), "hooks.slack.com") {
		t.Error(err)
	}
	broken := withoutAddress(&url.Error{Op: "Post", URL: "https://a b/%zz", Err: cause})
	if err := broken; strings.Contains(err.Error(), "zz") {
		t.Error(err)
	}
	if withoutAddress(nil) != nil || !errors.Is(withoutAddress(cause), cause) {
		t.Error("an error of another kind was changed")
	}
}
