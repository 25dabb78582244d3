package page

import (
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
)

// drawElement draws an interactive element that acts at once. The page's script finds it by its data attributes.
func (c *canvas) drawElement(n *node, block string) {
	confirm := ""
	if n.Confirm != nil {
		data, err := json.Marshal(map[string]string{
			"title": n.Confirm.Title.labelText(), "text": n.Confirm.Text.labelText(),
			"confirm": n.Confirm.Confirm.labelText(),
			"deny":    n.Confirm.Deny.labelText(), "style": n.Confirm.Style,
		})
		if err == nil {
			confirm = string(data)
		}
	}
	switch n.Type {
	case "button":
		label := n.AccessibleLabel
		if n.URL != "" {
			c.writeHTML(`<a class="btn" href="%s" target="_blank" rel="noopener noreferrer">%s</a>`,
				safeURL(n.URL), c.textWithin(n))
			return
		}
		c.writeHTML(`<button type="button" class="btn %s" data-action="%s" data-block="%s"`+
			` data-value="%s" data-confirm="%s"`,
			stringOf(n.Style), n.ActionID, block, n.Value, confirm)
		if label != "" {
			c.writeHTML(` aria-label="%s"`, label)
		}
		c.writeHTML(`>%s</button>`, c.textWithin(n))
	case "static_select", "users_select", "conversations_select", "channels_select", "external_select":
		c.writeHTML(`<select class="select" data-action="%s" data-block="%s" data-confirm="%s" aria-label="%s">`,
			n.ActionID, block, confirm, n.Placeholder.labelText())
		c.drawOptions(n)
		c.writeHTML(`</select>`)
	case "overflow":
		c.writeHTML(`<details class="overflow"><summary class="btn" aria-label="More actions">⋮</summary>` +
			`<div class="menu">`)
		for i := range n.Options {
			c.writeHTML(`<button type="button" data-action="%s" data-block="%s"`+
				` data-value="%s" data-confirm="%s">%s</button>`,
				n.ActionID, block, n.Options[i].Value, confirm, c.textObject(&n.Options[i].Text))
		}
		c.writeHTML(`</div></details>`)
	default:
		c.writeHTML(`<span class="b-unknown">%s</span>`, n.Type)
	}
}

func safeURL(address string) string {
	if safeLink(address, "x") == "x" {
		return "#"
	}
	return address
}

func (c *canvas) drawOptions(n *node) {
	initial := ""
	if n.InitialOption != nil {
		initial = n.InitialOption.Value
	}
	placeholder := n.Placeholder.labelText()
	if placeholder == "" {
		placeholder = "Select an option"
	}
	c.writeHTML(`<option value="">%s</option>`, placeholder)
	each := func(options []option) {
		for i := range options {
			selected := template.HTML("")
			if options[i].Value == initial && initial != "" {
				selected = " selected"
			}
			c.writeHTML(`<option value="%s"%s>%s</option>`, options[i].Value, selected, options[i].Text.labelText())
		}
	}
	each(n.Options)
	for _, g := range n.OptionGroups {
		c.writeHTML(`<optgroup label="%s">`, g.Label.labelText())
		each(g.Options)
		c.writeHTML(`</optgroup>`)
	}
}

// drawInput draws an input block: label, element, hint and what is wrong with it.
func (c *canvas) drawInput(n *node) {
	e := n.Element
	if e == nil {
		return
	}
	id := c.prefix + n.BlockID
	fault := c.errors[n.BlockID]
	described := template.HTML("")
	if fault != "" {
		described = template.HTML(` aria-invalid="true"` + //nolint:gosec // escaped
			` aria-describedby="` + template.HTMLEscapeString(id) + `-error"`)
	}
	required := template.HTML("")
	if !n.Optional {
		required = " required"
	}
	label := func() {
		c.writeHTML(`%s`, c.textObject(n.Label))
		if n.Optional {
			c.writeHTML(` <span class="optional">(optional)</span>`)
		}
	}
	group := e.Type == "radio_buttons" || e.Type == "checkboxes"
	if group {
		c.writeHTML(`<fieldset class="b-input"%s><legend>`, described)
		label()
		c.writeHTML(`</legend>`)
		c.drawChoices(e, id)
	} else {
		c.writeHTML(`<div class="b-input"><label for="%s">`, id)
		label()
		c.writeHTML(`</label>`)
		c.drawField(e, id, required+described)
	}
	if n.Hint != nil {
		c.writeHTML(`<p class="hint">%s</p>`, c.textObject(n.Hint))
	}
	if fault != "" {
		c.writeHTML(`<p class="error" id="%s-error" role="alert">%s</p>`, id, fault)
	}
	if group {
		c.writeHTML(`</fieldset>`)
	} else {
		c.writeHTML(`</div>`)
	}
}

func (c *canvas) drawField(e *node, id string, attributes template.HTML) {
	if e.MaxLength > 0 {
		attributes += template.HTML(` maxlength="` + strconv.Itoa(e.MaxLength) + `"`) //nolint:gosec // a number
	}
	switch {
	case e.Type == "static_select" || e.Type == "users_select":
		c.writeHTML(`<select class="select" id="%s" name="%s"%s>`, id, e.ActionID, attributes)
		c.drawOptions(e)
		c.writeHTML(`</select>`)
	case e.Multiline:
		c.writeHTML(`<textarea id="%s" name="%s" rows="4" placeholder="%s"%s>%s</textarea>`, id, e.ActionID,
			e.Placeholder.labelText(), attributes, e.InitialValue)
	default:
		kind := map[string]string{"number_input": "number", "email_text_input": "email", "url_text_input": "url",
			"datepicker": "date", "timepicker": "time"}[e.Type]
		if kind == "" {
			kind = "text"
		}
		c.writeHTML(`<input type="%s" id="%s" name="%s" placeholder="%s" value="%s"%s>`, kind, id, e.ActionID,
			e.Placeholder.labelText(), e.InitialValue, attributes)
	}
}

func (c *canvas) drawChoices(e *node, id string) {
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
		c.writeHTML(`<label class="choice"><input type="%s" id="%s-%d" name="%s" value="%s"%s><span>%s`, kind, id, i,
			e.ActionID, o.Value, checked, c.textObject(&o.Text))
		if o.Description != nil {
			c.writeHTML(`<small>%s</small>`, c.textObject(o.Description))
		}
		c.writeHTML(`</span></label>`)
	}
}
