package bench

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"easbot/internal/adsec"
)

// question is the access check that every implementation is asked, in the form that peers.py reads.
type question struct {
	Hex     string   `json:"hex"`
	SIDs    []string `json:"sids"`
	Mask    uint32   `json:"mask"`
	Object  string   `json:"object"`
	Seconds float64  `json:"seconds"`
}

const casesFile = "../../internal/adsec/testdata/samba.json"

// entries is how long the list of the descriptor is.
const entries = 44

// readQuestion takes the descriptor out of the cases that Samba wrote. Its 23rd entry is a plain one that grants what
// is asked, and no one before it is about the token: the three implementations walk equally far and agree.
func readQuestion() (question, error) {
	q := question{
		SIDs: []string{
			"S-1-5-21-1004336348-1177238915-682003330-1200", "S-1-5-9", "S-1-5-21-1004336348-1177238915-682003330-519",
		},
		Mask: 0x30, Object: "c975c901-6cea-4b6f-8319-d67f45449506",
	}
	data, err := os.ReadFile(casesFile)
	if err != nil {
		return q, fmt.Errorf("read the descriptor: %w", err)
	}
	var cases []struct {
		Hex  string
		ACEs []json.RawMessage
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		return q, fmt.Errorf("%s: %w", casesFile, err)
	}
	for _, c := range cases {
		if len(c.ACEs) == entries {
			q.Hex = c.Hex
			return q, nil
		}
	}
	return q, fmt.Errorf("%s: no descriptor of %d entries", casesFile, entries)
}

// questionForAdsec is the question in the types of adsec.
func questionForAdsec(t testing.TB) (raw []byte, token *adsec.Token, r adsec.Request) {
	t.Helper()
	q, err := readQuestion()
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = hex.DecodeString(q.Hex); err != nil {
		t.Fatal(err)
	}
	var sids []adsec.SID
	for _, s := range q.SIDs {
		sids = append(sids, adsec.MustSID(s))
	}
	return raw, adsec.NewToken(sids), adsec.Request{Mask: adsec.Mask(q.Mask), Object: adsec.MustGUID(q.Object)}
}

func TestQuestion_IsGrantedByOnePlainEntryInTheMiddle(t *testing.T) {
	raw, token, r := questionForAdsec(t)
	d, err := adsec.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	out := d.Check(token, r)
	if len(d.DACL.Entries) != entries || !out.Granted || len(out.Because) != 1 ||
		out.Because[0] != d.DACL.Entries[22] || out.Because[0].Type != adsec.AccessAllowed {
		t.Errorf("decided by %v of %d entries", out.Because, len(d.DACL.Entries))
	}
}
