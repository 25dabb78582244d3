package adsec

import (
	"encoding/hex"
	"testing"
)

// large is a random descriptor of 44 entries, as Samba wrote it.
func large(t testing.TB) []byte {
	for _, c := range sambaCases(t) {
		if len(c.ACEs) == 44 {
			raw, err := hex.DecodeString(c.Hex)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
	}
	t.Fatal("no descriptor of 44 entries")
	return nil
}

// passed is a list of n entries that all apply and none of which decides, before one that does.
func passed(n int) *Descriptor {
	d := listOf()
	for range n {
		d.DACL.Entries = append(d.DACL.Entries,
			ACE{Mask: ReadProperty, Trustee: Everyone}, ACE{Type: AccessDeniedCallback, Mask: CreateChild, Trustee: Everyone},
			ACE{Type: AccessDenied, Mask: CreateChild, Trustee: exchange})
	}
	d.DACL.Entries = append(d.DACL.Entries, ACE{Mask: CreateChild, Trustee: Everyone})
	return d
}

func TestCheck_AllocatesNothingPerEntry(t *testing.T) {
	token, r := NewToken([]SID{Everyone, AuthenticatedUsers}), Request{Mask: CreateChild, Object: containerClass}
	big, err := Parse(large(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*Descriptor{"44 entries": big, "1 entry": passed(0), "1,501 entries": passed(500)} {
		if n := testing.AllocsPerRun(100, func() { d.IsGranted(token, r) }); n != 0 {
			t.Errorf("%s: Granted made %v allocations", name, n)
		}
		// One: the list of the entries that decided.
		if n := testing.AllocsPerRun(100, func() { d.Check(token, r) }); n > 1 {
			t.Errorf("%s: Check made %v allocations", name, n)
		}
	}
}

func TestParse_AllocatesNothingPerEntry(t *testing.T) {
	for name, raw := range map[string][]byte{"1 entry": passed(0).Bytes(), "1,501 entries": passed(500).Bytes()} {
		text := string(raw)
		n := testing.AllocsPerRun(100, func() {
			if _, err := Parse(text); err != nil {
				t.Fatal(err)
			}
		})
		// The descriptor with its lists, and the entries of one list.
		if n > 2 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestParse_SharesNothingWithASlice(t *testing.T) {
	raw := large(t)
	d, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	before := d.SDDL()
	clear(raw)
	if d.SDDL() != before {
		t.Error("the descriptor changed with the bytes it was read from")
	}
}

// BenchmarkParseAndCheck44 is what one verdict about a descriptor costs; tools/bench sets it beside other implementations.
func BenchmarkParseAndCheck44(b *testing.B) {
	raw := string(large(b)) // as the LDAP library also has it
	token := NewToken([]SID{exchange, Everyone, AuthenticatedUsers})
	r := Request{Mask: CreateChild, Object: containerClass}
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		d.IsGranted(token, r)
	}
}
