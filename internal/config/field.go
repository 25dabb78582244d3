package config

import (
	"errors"
	"reflect"
	"strings"
	"time"
)

// envPrefix begins every environment variable that is ours.
const envPrefix = "EASBOT_"

// field is one key of the configuration: a leaf of Config.
type field struct {
	key     string        // ldap.urls
	section string        // ldap
	name    string        // urls
	value   reflect.Value // settable
}

// envName is the field's environment variable.
func (f field) envName() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

// isSecret reports whether the field holds a secret.
func (f field) isSecret() bool { return f.value.Type() == reflect.TypeFor[Secret]() }

// isDuration reports whether the field holds a length of time.
func (f field) isDuration() bool { return f.value.Type() == reflect.TypeFor[time.Duration]() }

// setDuration sets a field that holds a length of time. The error never holds the text.
func (f field) setDuration(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("want a time with its unit, like 10s or 2m")
	}
	f.value.SetInt(int64(d))
	return nil
}

// fieldsOf lists the leaves of c in order, by key.
func fieldsOf(c *Config) []field {
	var all []field
	root := reflect.ValueOf(c).Elem()
	for i := range root.NumField() {
		section := root.Type().Field(i).Tag.Get("yaml")
		for j := range root.Field(i).NumField() {
			name := root.Field(i).Type().Field(j).Tag.Get("yaml")
			all = append(all, field{
				key: section + "." + name, section: section, name: name, value: root.Field(i).Field(j),
			})
		}
	}
	return all
}

// sectionNames lists the sections of Config in order.
func sectionNames() []string {
	var names []string
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("yaml"))
	}
	return names
}
