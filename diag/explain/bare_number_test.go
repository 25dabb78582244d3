package explain

import (
	"strings"
	"testing"
)

// TestExplain_ANumberAloneIsAQuestionBack also holds that the same number with its kind is answered.
func TestExplain_ANumberAloneIsAQuestionBack(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"129": "as the ActiveSync status 129: This device is blocked", " 1053\n": "as event 1053", "#142": "status 142",
		"403": "as the HTTP status 403", "7": "many things", "99999": "many things",
	} {
		a := Explain(text)
		if len(a.Matches) != 0 || !strings.Contains(a.Question, says) ||
			!strings.Contains(a.Question, "paste the whole line") {
			t.Errorf("%q: %+v", text, a)
		}
	}
	for _, text := range []string{"status 129", "event 1053", "HTTP 403", "403.4", "HTTP/1.1 449"} {
		if a := Explain(text); len(a.Matches) == 0 || a.Question != "" {
			t.Errorf("%q: %+v", text, a)
		}
	}
}
