package fakeslack

import (
	"encoding/json"
	"html/template"
	"slices"
)

// element draws an interactive element that acts at once. The page's script finds it by its data attributes.
func (c *canvas) element(n *node, block string) {
	confirm := ""
	if n.Confirm != nil {
		data, err := json.Marshal(map[string]string{
			"title": n.Confirm.Title.label(), "text": n.Confirm.Text.label(), "confirm": n.Confirm.Confirm.label(),
			"deny": n.Confirm.Deny.label(), "style": n.Confirm.Style,
		})
		if err == nil {
			confirm = string(data)
		}
	}
	switch n.Type {
	case "button":
		label := n.AccessibleLabel
		if n.URL != "" {
			c.put(`<a class="btn" href="%s" target="_blank" rel="noopener noreferrer">%s</a>`, safeURL(n.URL), c.inner(n))
			return
		}
		c.put(`<button type="button" class="btn %s" data-action="%s" data-block="%s" data-value="%s" data-confirm="%s"`,
			word(n.Style), n.ActionID, block, n.Value, confirm)
		if label != "" {
			c.put(` aria-label="%s"`, label)
		}
		c.put(`>%s</button>`, c.inner(n))
	case "static_select", "users_select", "conversations_select", "channels_select", "external_select":
		c.put(`<select class="select" data-action="%s" data-block="%s" data-confirm="%s" aria-label="%s">`,
			n.ActionID, block, confirm, n.Placeholder.label())
		c.options(n)
		c.put(`</select>`)
	case "overflow":
		c.put(`<details class="overflow"><summary class="btn" aria-label="More actions">⋮</summary><div class="menu">`)
		for i := range n.Options {
			c.put(`<button type="button" data-action="%s" data-block="%s" data-value="%s" data-confirm="%s">%s</button>`,
				n.ActionID, block, n.Options[i].Value, confirm, c.object(&n.Options[i].Text))
		}
		c.put(`</div></details>`)
	default:
		c.put(`<span class="b-unknown">%s</span>`, n.Type)
	}
}

func safeURL(address string) string {
	if link(address, "x") == "x" {
		return "#"
	}
	return address
}

func (c *canvas) options(n *node) {
	initial := ""
	if n.InitialOption != nil {
		initial = n.InitialOption.Value
	}
	placeholder := n.Placeholder.label()
	if placeholder == "" {
		placeholder = "Select an option"
	}
	c.put(`<option value="">%s</option>`, placeholder)
	each := func(options []option) {
		for i := range options {
			selected := template.HTML("")
			if options[i].Value == initial && initial != "" {
				selected = " selected"
			}
			c.put(`<option value="%s"%s>%s</option>`, options[i].Value, selected, options[i].Text.label())
		}
	}
	each(n.Options)
	for _, g := range n.OptionGroups {
		c.put(`<optgroup label="%s">`, g.Label.label())
		each(g.Options)
		c.put(`</optgroup>`)
	}
}

// input draws an input block: label, element, hint and what is wrong with it.
func (c *canvas) input(n *node) {
	e := n.Element
	if e == nil {
		return
	}
	id := c.prefix + n.BlockID
	fault := c.errors[n.BlockID]
	described := template.HTML("")
	if fault != "" {
		described = template.HTML(` aria-invalid="true" aria-describedby="` + template.HTMLEscapeString(id) + `-error"`) //nolint:gosec // escaped
	}
	required := template.HTML("")
	if !n.Optional {
		required = " required"
	}
	label := func() {
		c.put(`%s`, c.object(n.Label))
		if n.Optional {
			c.put(` <span class="optional">(optional)</span>`)
		}
	}
	group := e.Type == "radio_buttons" || e.Type == "checkboxes"
	if group {
		c.put(`<fieldset class="b-input"%s><legend>`, described)
		label()
		c.put(`</legend>`)
		c.choices(e, id)
	} else {
		c.put(`<div class="b-input"><label for="%s">`, id)
		label()
		c.put(`</label>`)
		c.field(e, id, required+described)
	}
	if n.Hint != nil {
		c.put(`<p class="hint">%s</p>`, c.object(n.Hint))
	}
	if fault != "" {
		c.put(`<p class="error" id="%s-error" role="alert">%s</p>`, id, fault)
	}
	if group {
		c.put(`</fieldset>`)
	} else {
		c.put(`</div>`)
	}
}

func (c *canvas) field(e *node, id string, attributes template.HTML) {
	if e.MaxLength > 0 {
		attributes += template.HTML(` maxlength="` + template.HTMLEscapeString(jsonNumber(e.MaxLength)) + `"`) //nolint:gosec // a number
	}
	switch {
	case e.Type == "static_select" || e.Type == "users_select":
		c.put(`<select class="select" id="%s" name="%s"%s>`, id, e.ActionID, attributes)
		c.options(e)
		c.put(`</select>`)
	case e.Multiline:
		c.put(`<textarea id="%s" name="%s" rows="4" placeholder="%s"%s>%s</textarea>`, id, e.ActionID, e.Placeholder.label(), attributes, e.InitialValue)
	default:
		kind := map[string]string{"number_input": "number", "email_text_input": "email", "url_text_input": "url", "datepicker": "date", "timepicker": "time"}[e.Type]
		if kind == "" {
			kind = "text"
		}
		c.put(`<input type="%s" id="%s" name="%s" placeholder="%s" value="%s"%s>`, kind, id, e.ActionID, e.Placeholder.label(), e.InitialValue, attributes)
	}
}

func jsonNumber(n int) string {
	data, _ := json.Marshal(n) // an int always encodes
	return string(data)
}

func (c *canvas) choices(e *node, id string) {
	kind := "radio"
	if e.Type == "checkboxes" {
		kind = "checkbox"
	}
	chosen := e.InitialOptions
	if e.InitialOption != nil {
		chosen = append(chosen, *e.InitialOption)
	}
	for i := range e.Options {
		o := &e.Options[i]
		checked := template.HTML("")
		if slices.ContainsFunc(chosen, func(other option) bool { return other.Value == o.Value }) {
			checked = " checked"
		}
		c.put(`<label class="choice"><input type="%s" id="%s-%d" name="%s" value="%s"%s><span>%s`, kind, id, i, e.ActionID, o.Value, checked, c.object(&o.Text))
		if o.Description != nil {
			c.put(`<small>%s</small>`, c.object(o.Description))
		}
		c.put(`</span></label>`)
	}
}
