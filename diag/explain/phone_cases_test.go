package explain

import "testing"

// TestExplain_KnowsWhatPhonesSay tries messages of phones and mail apps in the languages of phones/*.txt.
func TestExplain_KnowsWhatPhonesSay(t *testing.T) {
	t.Parallel()
	checkCases(t, "phone")
}
