package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// Sizes above these are a wrong file, not a large configuration.
const (
	maxFile   = 1 << 20
	maxSecret = 64 << 10
)

// Needs says which parts a command uses, so which keys it cannot do without.
type Needs struct {
	Directory bool
	Slack     bool
	Redis     bool
}

// origin is where a value came from; the zero value is the default.
type origin struct {
	line int
	env  string
}

// loader collects values and faults.
type loader struct {
	path   string
	fields map[string]field
	from   map[string]origin
	faults Faults
}

// Load reads the file at path and the environment (as of os.Environ), fills in the defaults, reads the files that hold
// secrets, and checks everything that needs asks for. The environment wins over the file. A missing file is a fault
// only when explicit is set: the user named it. The error is of type Faults and holds all of them.
func Load(path string, explicit bool, environ []string, needs Needs) (*Config, error) {
	c := Default()
	l := &loader{path: path, fields: map[string]field{}, from: map[string]origin{}}
	all := fieldsOf(c)
	for _, f := range all {
		l.fields[f.key] = f
	}
	if data, ok := l.readFile(explicit); ok {
		l.readYAML(data)
	}
	l.readEnviron(all, environ)
	for _, f := range all {
		l.secretFile(f)
	}
	// A key that could not be read is not also missing.
	known := map[string]bool{}
	for _, f := range l.faults {
		known[strings.TrimSuffix(f.Key, "_file")] = true
	}
	for _, f := range c.findFaults(needs) {
		if !known[f.Key] {
			l.addFault(f.Key, f.Message)
		}
	}
	if len(l.faults) > 0 {
		return nil, l.faults.inFileOrder()
	}
	return c, nil
}

// addFault adds a fault of the key's value, wherever that came from.
func (l *loader) addFault(key, message string) {
	f := Fault{Key: key, Message: message}
	switch o := l.from[key]; {
	case o.env != "":
		f.Env = o.env
	case o.line > 0:
		f.File, f.Line = l.path, o.line
	}
	l.faults = append(l.faults, f)
}

func (l *loader) readFile(explicit bool) ([]byte, bool) {
	data, err := readLimited(l.path, maxFile)
	if err == nil {
		return data, true
	}
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		return nil, false
	}
	l.faults = append(l.faults, Fault{File: l.path, Message: err.Error()})
	return nil, false
}

// readEnviron sets the fields that have an environment variable. An empty variable counts as not given.
func (l *loader) readEnviron(all []field, environ []string) {
	given := map[string]string{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, envPrefix) && value != "" {
			given[name] = value
		}
	}
	for _, f := range all {
		name := f.envName()
		value, ok := given[name]
		if !ok {
			continue
		}
		delete(given, name)
		l.from[f.key] = origin{env: name}
		if err := f.setText(value); err != nil {
			l.addFault(f.key, err.Error())
		}
		// The environment wins over the file as a pair: a secret here replaces the secret's file there, and the other
		// way round.
		if other, ok := l.secretPartner(f); ok && l.from[other.key].env == "" {
			if _, both := given[other.envName()]; !both {
				other.value.SetZero()
				delete(l.from, other.key)
			}
		}
	}
	for name := range given {
		if !fromOrchestrator(name) {
			l.faults = append(l.faults, Fault{Env: name, Message: "unknown variable"})
		}
	}
}

// fromOrchestrator reports whether a variable is one that Kubernetes or Docker makes up for a service named easbot.
func fromOrchestrator(name string) bool {
	rest := strings.TrimPrefix(name, envPrefix)
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "SERVICE_")
}

// secretPartner returns the …_file of a secret, or the secret of a …_file.
func (l *loader) secretPartner(f field) (field, bool) {
	if f.isSecret() {
		other, ok := l.fields[f.key+"_file"]
		return other, ok
	}
	if base, ok := strings.CutSuffix(f.key, "_file"); ok {
		other, ok := l.fields[base]
		return other, ok && other.isSecret()
	}
	return field{}, false
}

// secretFile fills a secret from its file.
func (l *loader) secretFile(f field) {
	if !f.isSecret() {
		return
	}
	file, ok := l.secretPartner(f)
	if !ok || file.value.String() == "" {
		return
	}
	if _, given := l.from[f.key]; given {
		l.addFault(f.key, fmt.Sprintf("%s is given too; give one of the two", file.key))
		return
	}
	data, err := readLimited(file.value.String(), maxSecret)
	if err != nil {
		l.addFault(file.key, err.Error())
		return
	}
	value := strings.TrimRight(string(data), "\r\n")
	if value == "" {
		l.addFault(file.key, "the file is empty")
		return
	}
	l.from[f.key] = l.from[file.key]
	f.value.Set(reflect.ValueOf(NewSecret(value)))
}

// setText sets the field from an environment variable's text. The error never holds the text.
func (f field) setText(text string) error {
	switch {
	case f.isSecret():
		f.value.Set(reflect.ValueOf(NewSecret(text)))
	case f.isDuration():
		return f.setDuration(text)
	case f.value.Kind() == reflect.String:
		f.value.SetString(text)
	case f.value.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("want true or false")
		}
		f.value.SetBool(b)
	case f.value.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("want a number")
		}
		f.value.SetInt(int64(n))
	default:
		list := []string{}
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		f.value.Set(reflect.ValueOf(list))
	}
	return nil
}

// readLimited reads a regular file, or a pipe, of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("the file has more than %d bytes", limit)
	}
	return data, nil
}
