package fakead

import (
	"fmt"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"easbot/internal/world"
)

// truth is the three-valued logic of RFC 4511 4.5.1.7: what cannot be read or is not in the schema is undefined, and
// "not undefined" is undefined again.
type truth int8

const (
	no truth = iota
	undefined
	yes
)

// Extensible matching rules of Active Directory (MS-ADTS 3.1.1.3.4.4).
const (
	ruleBitAnd = "1.2.840.113556.1.4.803"
	ruleBitOr  = "1.2.840.113556.1.4.804"
	ruleChain  = "1.2.840.113556.1.4.1941"
)

// maxFilterDepth bounds the nesting of a filter.
const maxFilterDepth = 64

// filter decides about one object; get returns the values that the requester may see, ok false when none may be.
type filter func(o *object, get getter) truth

type getter func(o *object, a *attribute) (values []string, ok bool)

// compileFilter reads a filter of RFC 4515.
func (t *tree) compileFilter(text string) (filter, error) {
	p, err := ldap.CompileFilter(text)
	if err != nil {
		return nil, fmt.Errorf("filter: %w", err)
	}
	return t.compilePacket(p, 0)
}

func (t *tree) compilePacket(p *ber.Packet, depth int) (filter, error) {
	if depth > maxFilterDepth {
		return nil, fmt.Errorf("filter nested more than %d deep", maxFilterDepth)
	}
	switch p.Tag {
	case ldap.FilterAnd, ldap.FilterOr:
		return t.compileSet(p, depth)
	case ldap.FilterNot:
		if len(p.Children) != 1 {
			return nil, fmt.Errorf("filter: not takes one part")
		}
		inner, err := t.compilePacket(p.Children[0], depth+1)
		if err != nil {
			return nil, err
		}
		return func(o *object, get getter) truth { return yes - inner(o, get) }, nil
	case ldap.FilterPresent:
		return t.compilePresent(p.Data.String()), nil
	case ldap.FilterSubstrings:
		return t.compileSubstrings(p)
	case ldap.FilterExtensibleMatch:
		return t.compileExtensible(p)
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch, ldap.FilterGreaterOrEqual, ldap.FilterLessOrEqual:
		if len(p.Children) != 2 {
			return nil, fmt.Errorf("filter: comparison takes attribute and value")
		}
		return t.compileComparison(p.Tag, packetText(p.Children[0]), packetText(p.Children[1])), nil
	default:
		return nil, fmt.Errorf("filter: unknown kind %d", p.Tag)
	}
}

// packetText returns a primitive's bytes.
func packetText(p *ber.Packet) string { return p.Data.String() }

func (t *tree) compileSet(p *ber.Packet, depth int) (filter, error) {
	parts := make([]filter, 0, len(p.Children))
	for _, c := range p.Children {
		f, err := t.compilePacket(c, depth+1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, f)
	}
	and := p.Tag == ldap.FilterAnd
	return func(o *object, get getter) truth {
		result := no
		if and {
			result = yes
		}
		for _, f := range parts {
			if and {
				result = min(result, f(o, get))
			} else {
				result = max(result, f(o, get))
			}
		}
		return result
	}, nil
}

// matchAnyValue makes a filter from a test of single values.
func (t *tree) matchAnyValue(name string, match func(a *attribute, v string) bool) filter {
	a := t.schema.attribute(name)
	if a == nil {
		return func(*object, getter) truth { return undefined }
	}
	return func(o *object, get getter) truth {
		values, ok := get(o, a)
		if !ok {
			return undefined
		}
		for _, v := range values {
			if match(a, v) {
				return yes
			}
		}
		return no
	}
}

func (t *tree) compilePresent(name string) filter {
	return t.matchAnyValue(name, func(*attribute, string) bool { return true })
}

func (t *tree) compileComparison(kind ber.Tag, name, value string) filter {
	if strings.EqualFold(name, "objectCategory") && !strings.Contains(value, "=") {
		value = t.categoryDN(value)
	}
	return t.matchAnyValue(name, func(a *attribute, v string) bool {
		if kind == ldap.FilterEqualityMatch || kind == ldap.FilterApproxMatch {
			return equalValues(a, v, value)
		}
		cmp, ok := compareValues(a, v, value)
		return ok && (kind == ldap.FilterGreaterOrEqual && cmp >= 0 || kind == ldap.FilterLessOrEqual && cmp <= 0)
	})
}

// categoryDN turns the short form of an objectCategory, a class's lDAPDisplayName, into the DN that is stored.
func (t *tree) categoryDN(name string) string {
	if c := t.schema.class(name); c != nil {
		name = c.categoryName()
	}
	return "CN=" + ldap.EscapeDN(name) + "," + t.schemaDN()
}

func (t *tree) compileSubstrings(p *ber.Packet) (filter, error) {
	if len(p.Children) != 2 {
		return nil, fmt.Errorf("filter: substrings take attribute and parts")
	}
	var initial, final string
	var middle []string
	for _, part := range p.Children[1].Children {
		s := strings.ToLower(packetText(part))
		switch part.Tag {
		case ldap.FilterSubstringsInitial:
			initial = s
		case ldap.FilterSubstringsAny:
			middle = append(middle, s)
		case ldap.FilterSubstringsFinal:
			final = s
		}
	}
	return t.matchAnyValue(packetText(p.Children[0]), func(a *attribute, v string) bool {
		if a.Syntax == world.SyntaxDN {
			return false // a domain controller does not match parts of names
		}
		v, ok := strings.CutPrefix(strings.ToLower(v), initial)
		if !ok {
			return false
		}
		for _, m := range middle {
			if _, v, ok = strings.Cut(v, m); !ok {
				return false
			}
		}
		return strings.HasSuffix(v, final)
	}), nil
}

func (t *tree) compileExtensible(p *ber.Packet) (filter, error) {
	var rule, name, value string
	for _, c := range p.Children {
		switch c.Tag {
		case ldap.MatchingRuleAssertionMatchingRule:
			rule = packetText(c)
		case ldap.MatchingRuleAssertionType:
			name = packetText(c)
		case ldap.MatchingRuleAssertionMatchValue:
			value = packetText(c)
		}
	}
	switch rule {
	case ruleBitAnd, ruleBitOr:
		mask, ok := parseNumber(value)
		if !ok { // it matches nothing, and is no error
			return func(*object, getter) truth { return undefined }, nil
		}
		return t.matchAnyValue(name, func(_ *attribute, v string) bool {
			n, err := strconv.ParseInt(v, 10, 64)
			return err == nil && (rule == ruleBitAnd && n&mask == mask || rule == ruleBitOr && n&mask != 0)
		}), nil
	case ruleChain:
		return t.compileChain(name, value), nil
	case "":
		return t.compileComparison(ldap.FilterEqualityMatch, name, value), nil
	default:
		return nil, fmt.Errorf("filter: matching rule %q is not supported", rule)
	}
}

// compileChain follows a DN attribute from object to object until it meets the named one
// (LDAP_MATCHING_RULE_TRANSITIVE_EVAL).
func (t *tree) compileChain(name, value string) filter {
	a := t.schema.attribute(name)
	goal, err := parseDN(value)
	if a == nil || err != nil || a.Syntax != world.SyntaxDN {
		return func(*object, getter) truth { return undefined }
	}
	return func(o *object, get getter) truth {
		if _, ok := get(o, a); !ok {
			return undefined
		}
		seen := map[*object]bool{}
		queue := []*object{o}
		for len(queue) > 0 {
			next := queue[0]
			queue = queue[1:]
			if seen[next] {
				continue
			}
			seen[next] = true
			for _, v := range t.valuesOf(next, a) {
				key, ok := t.keyOf(v)
				if !ok {
					continue
				}
				if key == goal {
					return yes
				}
				if up := t.objects[key]; up != nil {
					queue = append(queue, up)
				}
			}
		}
		return no
	}
}

// parseNumber reads a decimal integer.
func parseNumber(s string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
