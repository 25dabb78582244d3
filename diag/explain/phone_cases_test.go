package explain

import "testing"

// TestExplain_KnowsWhatPhonesSay tries messages of phones and mail apps in the languages of phones/*.txt.
func TestExplain_KnowsWhatPhonesSay(t *testing.T) {
	t.Parallel()
	checkCases(t, "phone")
}

// TestExplain_TakesOrdinaryTextForNothing tries logs, tickets, chats and program texts of other fields: nothing of them
// is about a phone's mail.
func TestExplain_TakesOrdinaryTextForNothing(t *testing.T) {
	t.Parallel()
	checkCases(t, "negative")
}
