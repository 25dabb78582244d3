package fakead

import (
	"crypto/rand"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"easbot/internal/adsec"
)

// object is one entry of the directory. Values are kept by lower-case attribute name; what the directory computes
// itself (names, identifiers, times, links back) is not among them: see (*tree).valuesOf.
type object struct {
	id       int64 // order of creation; pages of a search continue after an id
	dn       string
	key      dnKey
	parent   *object // nil for the head of a partition
	children map[dnKey]*object

	class  *class
	values map[string][]string
	sd     *adsec.Descriptor

	guid     adsec.GUID
	sid      adsec.SID
	password string

	created, changed time.Time
	usnCreated, usn  int64
}

// firstValue returns a stored value, "" when there is none.
func (o *object) firstValue(attr string) string {
	if v := o.values[strings.ToLower(attr)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// tree holds the three partitions. Every method expects mu to be held, for writing where something is changed.
type tree struct {
	mu      sync.RWMutex
	schema  *schema
	heads   map[dnKey]string // partition heads: domain, configuration, schema
	objects map[dnKey]*object
	domain  adsec.SID
	now     func() time.Time

	lastID, usn int64
	nextRID     uint32

	keys sync.Map // DN as it is spelled in a stored value -> dnKey
}

// keyOf is parseDN for a stored value, of which there are few and which are compared often; ok is false for no DN.
func (t *tree) keyOf(value string) (key dnKey, ok bool) {
	if known, found := t.keys.Load(value); found {
		return known.(dnKey), true
	}
	key, err := parseDN(value)
	if err != nil {
		return "", false
	}
	t.keys.Store(value, key)
	return key, true
}

func (t *tree) byDN(dn string) *object {
	key, err := parseDN(dn)
	if err != nil {
		return nil
	}
	return t.objects[key]
}

func (t *tree) bySAM(sam string) *object {
	return t.findObject(func(o *object) bool {
		return o.firstValue("samaccountname") != "" && strings.EqualFold(o.firstValue("samaccountname"), sam)
	})
}

func (t *tree) findObject(match func(*object) bool) *object {
	for _, o := range t.objects {
		if match(o) {
			return o
		}
	}
	return nil
}

// resolveName finds the base of a search or the target of a write: a DN, or "<GUID=…>" or "<SID=…>".
func (t *tree) resolveName(dn string) (*object, *failure) {
	if kind, value, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(dn, "<"), ">"), "="); ok &&
		strings.HasPrefix(dn, "<") {
		var o *object
		switch strings.ToUpper(kind) {
		case "GUID":
			guid, err := adsec.ParseGUID(value)
			if err != nil {
				return nil, failDN()
			}
			o = t.findObject(func(o *object) bool { return o.guid == guid })
		case "SID":
			sid, err := adsec.ParseSID(value)
			if err != nil {
				return nil, failDN()
			}
			o = t.findObject(func(o *object) bool { return o.sid == sid })
		default:
			return nil, failDN()
		}
		if o == nil {
			return nil, failNoObject("")
		}
		return o, nil
	}
	key, err := parseDN(dn)
	if err != nil {
		return nil, failDN()
	}
	if o := t.objects[key]; o != nil {
		return o, nil
	}
	for up := key.parentKey(); up != ""; up = up.parentKey() {
		if o := t.objects[up]; o != nil {
			return nil, failNoObject(o.dn)
		}
	}
	return nil, failNoObject("")
}

// insertObject adds an object whose class, values and descriptor are set, and gives it its identifiers.
func (t *tree) insertObject(o *object) error {
	key, err := parseDN(o.dn)
	if err != nil {
		return err
	}
	if t.objects[key] != nil {
		return errExists
	}
	o.key = key
	if _, head := t.heads[key]; !head {
		if o.parent = t.objects[key.parentKey()]; o.parent == nil {
			return failNoObject("")
		}
		o.parent.children[key] = o
	}
	t.lastID++
	o.id = t.lastID
	o.children = map[dnKey]*object{}
	if _, err := rand.Read(o.guid[:]); err != nil {
		return fmt.Errorf("make objectGUID: %w", err)
	}
	o.created = t.now().UTC().Truncate(time.Second)
	t.stampChange(o)
	o.usnCreated = o.usn
	t.objects[key] = o
	return nil
}

// stampChange notes a change.
func (t *tree) stampChange(o *object) {
	t.usn++
	o.usn = t.usn
	o.changed = t.now().UTC().Truncate(time.Second)
}

// newSID gives the next relative identifier of the domain.
func (t *tree) newSID() adsec.SID {
	t.nextRID++
	return t.domain.WithRID(t.nextRID)
}

// removeObject takes a leaf out, with every link to it.
func (t *tree) removeObject(o *object) {
	delete(t.objects, o.key)
	if o.parent != nil {
		delete(o.parent.children, o.key)
	}
	for _, other := range t.objects {
		for attr, values := range other.values {
			a := t.schema.attribute(attr)
			if a == nil || !a.forwardLink() {
				continue
			}
			kept := slices.DeleteFunc(slices.Clone(values), func(v string) bool {
				key, ok := t.keyOf(v)
				return !ok || t.objects[key] == nil
			})
			if len(kept) != len(values) {
				other.values[attr] = kept
				t.stampChange(other)
			}
		}
	}
}

// objectsBelow returns the objects in the scope of a search in the order of their creation.
func (t *tree) objectsBelow(base *object, scope int64) []*object {
	var out []*object
	switch scope {
	case scopeBase:
		return []*object{base}
	case scopeOne:
		for _, c := range base.children {
			out = append(out, c)
		}
	default:
		var walk func(o *object)
		walk = func(o *object) {
			out = append(out, o)
			for _, c := range o.children {
				walk(c)
			}
		}
		walk(base)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

// Scopes of a search (RFC 4511 4.5.1.2).
const (
	scopeBase    = 0
	scopeOne     = 1
	scopeSubtree = 2
)
