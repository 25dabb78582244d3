package bot

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"easbot/handlers/view"
)

func TestRespond_OnlyToSlacksHosts(t *testing.T) {
	t.Parallel()
	hit := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer srv.Close()
	o, err := newSlackMessenger("xoxb-1", "https://slack.com/api/", newMetrics())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []string{srv.URL, "http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/x",
		"https://user@hooks.slack.com/x", "file:///etc/passwd", "", ":", "https://hooks.slack.com:8443/x"} {
		if err := o.Respond(t.Context(), u, view.Text("x")); err == nil || !strings.Contains(err.Error(),
			"not a host") {
			t.Errorf("%q: %v", u, err)
		}
	}
	if hit {
		t.Error("a foreign server was called")
	}
}
