package bench

import (
	"errors"
	"strings"
	"testing"

	"easbot/internal/lab"
)

func TestAskPeer_AgreesWithUsWhereItIsInstalled(t *testing.T) {
	q, err := readQuestion()
	if err != nil {
		t.Fatal(err)
	}
	q.Seconds = 0.001
	for _, name := range []string{"samba", "impacket"} {
		t.Run(name, func(t *testing.T) {
			a, err := askPeer(t.Context(), name, q)
			if errors.Is(err, errAbsent) {
				lab.CannotRunHere(t, "%v", err)
			}
			if err != nil || !a.Granted || a.NS <= 0 || !strings.Contains(strings.ToLower(a.Version), name) {
				t.Errorf("%+v, %v", a, err)
			}
			// And the verdict is made, not assumed: nobody has this right.
			refused := q
			refused.Mask = 0x80
			refused.SIDs = q.SIDs[:1]
			if a, err := askPeer(t.Context(), name, refused); err != nil || a.Granted {
				t.Errorf("a stranger: %+v, %v", a, err)
			}
		})
	}
}

func TestAskPeer_FaultsAreNamed(t *testing.T) {
	if _, err := askPeer(t.Context(), "nobody", question{}); err == nil || errors.Is(err, errAbsent) ||
		!strings.Contains(err.Error(), "nobody") {
		t.Errorf("%v", err)
	}
}

func TestRunProgram_MissingProgramIsAbsent(t *testing.T) {
	if _, err := runProgram(t.Context(), "no-such-program-as-this"); !errors.Is(err, errAbsent) {
		t.Errorf("%v", err)
	}
	if out, err := runProgram(t.Context(), "echo", "two", "words"); err != nil || out != "two words\n" {
		t.Errorf("%q %v", out, err)
	}
}
