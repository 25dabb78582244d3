package fakead

import (
	"strconv"
	"strings"
	"time"

	"easbot/internal/adsec"
	"easbot/internal/world"
)

// timeLayouts are the forms of GeneralizedTime that clients send.
var timeLayouts = []string{"20060102150405.0Z", "20060102150405Z", "20060102150405.000Z"}

func parseTime(s string) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func formatTime(t time.Time) string { return t.UTC().Format(timeLayouts[0]) }

// equalValues compares two values by the attribute's syntax. A value that does not fit the syntax equals nothing.
func equalValues(a *attribute, x, y string) bool {
	switch a.Syntax {
	case world.SyntaxDN:
		kx, errX := parseDN(x)
		ky, errY := parseDN(y)
		return errX == nil && errY == nil && kx == ky
	case world.SyntaxInt, world.SyntaxLargeInt:
		nx, errX := strconv.ParseInt(x, 10, 64)
		ny, errY := strconv.ParseInt(y, 10, 64)
		return errX == nil && errY == nil && nx == ny
	case world.SyntaxTime:
		tx, okX := parseTime(x)
		ty, okY := parseTime(y)
		return okX && okY && tx.Equal(ty)
	case world.SyntaxOctets, world.SyntaxSD:
		return x == y
	case world.SyntaxSID:
		return sidBytes(x) == sidBytes(y)
	default:
		return strings.EqualFold(x, y)
	}
}

// sidBytes accepts a SID in text form beside the binary one, as a domain controller does in filters.
func sidBytes(s string) string {
	if strings.HasPrefix(s, "S-1-") {
		if sid, err := adsec.ParseSID(s); err == nil {
			return string(sid)
		}
	}
	return s
}

// compareValues orders two values: numbers and times by size, text by lower-case letters. ok is false when one of them
// does not fit the syntax.
func compareValues(a *attribute, x, y string) (cmp int, ok bool) {
	switch a.Syntax {
	case world.SyntaxInt, world.SyntaxLargeInt:
		nx, errX := strconv.ParseInt(x, 10, 64)
		ny, errY := strconv.ParseInt(y, 10, 64)
		if errX != nil || errY != nil {
			return 0, false
		}
		switch {
		case nx < ny:
			return -1, true
		case nx > ny:
			return 1, true
		}
		return 0, true
	case world.SyntaxTime:
		tx, okX := parseTime(x)
		ty, okY := parseTime(y)
		return tx.Compare(ty), okX && okY
	case world.SyntaxOctets, world.SyntaxSID, world.SyntaxSD:
		return strings.Compare(x, y), true
	default:
		return strings.Compare(strings.ToLower(x), strings.ToLower(y)), true
	}
}

// validValue reports whether v fits the attribute's syntax.
func validValue(a *attribute, v string) bool {
	switch a.Syntax {
	case world.SyntaxInt:
		_, err := strconv.ParseInt(v, 10, 32)
		return err == nil
	case world.SyntaxLargeInt:
		_, err := strconv.ParseInt(v, 10, 64)
		return err == nil
	case world.SyntaxBool:
		return v == "TRUE" || v == "FALSE"
	case world.SyntaxDN:
		_, err := parseDN(v)
		return err == nil && v != ""
	case world.SyntaxTime:
		_, ok := parseTime(v)
		return ok
	case world.SyntaxSID:
		_, err := adsec.SIDFromBytes([]byte(v))
		return err == nil
	case world.SyntaxText, world.SyntaxOID:
		return v != ""
	default:
		return true
	}
}
