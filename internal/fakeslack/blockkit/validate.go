// Package blockkit judges Block Kit JSON the way Slack does, so that a message that Slack would refuse fails a test
// here first. Structure and most limits are a JSON Schema made from Slack's own @slack/types
// (tools/blockkit-schema); what a schema cannot say is in rules.go.
package blockkit

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schemaJSON []byte

// Limits of a whole payload that Slack enforces outside its schema.
const (
	MaxText       = 4000       // characters of a message's text before msg_too_long
	MaxBlocksSize = 12_000     // bytes of all blocks of one message; Slack's own limit is undocumented, about 13,200
	MaxViewSize   = 250 * 1024 // bytes of one view
	maxMarkdown   = 12_000     // characters over all markdown blocks of one payload
	maxTableText  = 10_000     // characters over all cells of a table
	maxReported   = 10
)

// Error is a refusal in Slack's words.
type Error struct {
	// Code is what Slack's Web API answers: invalid_blocks, msg_too_long, msg_blocks_too_long, no_text,
	// view_too_large or invalid_arguments.
	Code string
	// Messages are response_metadata.messages: each names the fault and where it is,
	// "[ERROR] … [json-pointer:/blocks/0/text/text]".
	Messages []string
}

// Error returns the code and every fault.
func (e *Error) Error() string {
	if len(e.Messages) == 0 {
		return e.Code
	}
	return e.Code + ": " + strings.Join(e.Messages, "; ")
}

// CheckMessage reports what Slack would refuse in a message with this top-level text and these blocks; nil blocks, null
// and an empty list mean a message of text alone. The text is required also beside blocks: it is what notifications
// and screen readers get. Every error is an *Error.
func CheckMessage(text string, blocks json.RawMessage) error {
	if n := utf8.RuneCountInString(text); n > MaxText {
		return &Error{Code: "msg_too_long",
			Messages: []string{problemAt("text has %d characters, at most %d are allowed", "/text", n, MaxText)}}
	}
	if strings.TrimSpace(text) == "" {
		return &Error{Code: "no_text", Messages: []string{problemAt("missing top-level text", "/text")}}
	}
	if IsEmpty(blocks) {
		return nil
	}
	if len(blocks) > MaxBlocksSize {
		return &Error{Code: "msg_blocks_too_long",
			Messages: []string{problemAt("blocks have %d bytes, at most %d are allowed", "/blocks",
				len(blocks), MaxBlocksSize)}}
	}
	faults := checkSchema("Blocks", blocks, "/blocks")
	if len(faults) == 0 {
		faults = blockRules(blocks, "/blocks", inMessage)
	}
	return errorOf("invalid_blocks", faults)
}

// CheckView reports what Slack would refuse in a modal or a Home tab. Every error is an *Error.
func CheckView(view json.RawMessage) error {
	if len(view) > MaxViewSize {
		return &Error{Code: "view_too_large",
			Messages: []string{problemAt("view has %d bytes, at most %d are allowed", "/view", len(view), MaxViewSize)}}
	}
	var head struct {
		Type   string          `json:"type"`
		Submit json.RawMessage `json:"submit"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(view, &head); err != nil {
		return errorOf("invalid_arguments", []string{problemAt("not a JSON object", "/view")})
	}
	definition := map[string]string{"modal": "ModalView", "home": "HomeView"}[head.Type]
	if definition == "" {
		return errorOf("invalid_arguments", []string{problemAt("unknown view type %q", "/view/type", head.Type)})
	}
	faults := checkSchema(definition, view, "/view")
	if len(faults) == 0 {
		faults = blockRules(head.Blocks, "/view/blocks", head.Type)
	}
	if len(faults) == 0 && head.Type == "modal" && IsEmpty(head.Submit) && hasInput(head.Blocks) {
		faults = []string{problemAt("submit is required when there is an input block", "/view/submit")}
	}
	return errorOf("invalid_arguments", faults)
}

// IsEmpty reports whether raw holds nothing: no bytes, null or an empty list.
func IsEmpty(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "[]":
		return true
	}
	return false
}

func errorOf(code string, faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return &Error{Code: code, Messages: faults[:min(len(faults), maxReported)]}
}

func problemAt(format, pointer string, args ...any) string {
	return "[ERROR] " + fmt.Sprintf(format, args...) + " [json-pointer:" + pointer + "]"
}

// schemas compiles the embedded schema once. The file is part of the program, so a fault in it is a bug in the build.
var schemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic(fmt.Sprintf("embedded Block Kit schema: %v", err))
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("blockkit.json", document); err != nil {
		panic(fmt.Sprintf("embedded Block Kit schema: %v", err))
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, name := range []string{"Blocks", "ModalView", "HomeView"} {
		compiled[name] = compiler.MustCompile("blockkit.json#/definitions/" + name)
	}
	return compiled
})

var printer = message.NewPrinter(language.English)

// checkSchema validates raw against one definition and returns the faults found, each at its place below prefix.
func checkSchema(definition string, raw json.RawMessage, prefix string) []string {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return []string{problemAt("not valid JSON", prefix)}
	}
	err = schemas()[definition].Validate(value)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []string{problemAt("%v", prefix, err)}
	}
	var faults []string
	collectFaults(invalid, prefix, &faults)
	return faults
}

// collectFaults gathers the leaves of a validation error: the inner nodes only say that something below them failed.
func collectFaults(e *jsonschema.ValidationError, prefix string, faults *[]string) {
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			collectFaults(cause, prefix, faults)
		}
		return
	}
	pointer := prefix
	for _, part := range e.InstanceLocation {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part)
	}
	*faults = append(*faults, problemAt("%s", pointer, e.ErrorKind.LocalizedString(printer)))
}
