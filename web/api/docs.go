package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"fieldgate/internal/token"
	apiview "fieldgate/templates/api"
	"fieldgate/templates/layout"
	portalview "fieldgate/templates/portal"
	"fieldgate/web/page"
)

// Documentation is the page that tells people how the API is used.
func (a *API) Documentation(w http.ResponseWriter, r *http.Request) error {
	business, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	d := apiview.Docs{Brand: portalview.BrandOf(business), Origin: layout.Origin(r.Context()), PerToken: tokensMost, PerKey: keysMost}
	for _, area := range token.Areas {
		row := apiview.Row{Name: string(area.Read()), Words: strings.TrimSpace(area.Label + ". " + area.Words)}
		if area.Write() != "" {
			row.Name += " " + string(area.Write())
		}
		d.Scopes = append(d.Scopes, row)
	}
	for _, k := range page.ProblemKinds {
		d.Problems = append(d.Problems, apiview.Problem{Kind: k.Kind, Status: k.Status, Title: k.Title, Words: k.Words})
	}
	for _, route := range a.routes {
		at := slices.IndexFunc(d.Groups, func(g apiview.Group) bool { return g.Name == route.Group })
		if at < 0 {
			at = len(d.Groups)
			d.Groups = append(d.Groups, apiview.Group{Name: route.Group, ID: "about-" + strings.ReplaceAll(strings.ToLower(route.Group), " ", "-")})
		}
		d.Groups[at].Ops = append(d.Groups[at].Ops, a.documented(route, d.Origin))
	}
	return page.Render(w, r, http.StatusOK, apiview.Page(d))
}

// Specification is openapi.yaml.
func (a *API) Specification(w http.ResponseWriter, _ *http.Request) error {
	text, err := a.YAML()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/yaml")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // the reader has gone; nobody is left to tell
	return nil
}

var closed = regexp.MustCompile(`(?m)^ *additionalProperties: false\n`)

// YAML is openapi.yaml as it is served and kept in the repository.
func (a *API) YAML() ([]byte, error) {
	text, err := a.huma.OpenAPI().YAML()
	if err != nil {
		return nil, fmt.Errorf("write openapi.yaml: %w", err)
	}
	// Bodies with fields that nobody knows are refused, but answers may have more
	// fields one day, and programs have to take them.
	return closed.ReplaceAll(text, nil), nil
}

// operation is what the specification says of a route.
func (a *API) operation(r Route) *huma.Operation {
	item := a.huma.OpenAPI().Paths[r.Path]
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[r.Method]
}

func (a *API) documented(r Route, origin string) apiview.Op {
	o := a.operation(r)
	op := apiview.Op{ID: r.ID, Method: r.Method, Path: r.Path, Summary: o.Summary, Description: o.Description, Status: cmp.Or(o.DefaultStatus, http.StatusOK)}
	secret := "fg_…"
	switch {
	case r.Scope != "":
		op.Needs = "a token with the scope " + string(r.Scope)
	case r.Who == "api: "+string(Keys):
		op.Needs, secret = "a contact’s key", "fgk_…"
	case r.Who == "api: "+string(Callers):
		op.Needs = "any token or key"
	default:
		op.Needs = "any token"
	}
	for _, p := range o.Parameters {
		if p != nil && p.Name != "" {
			op.Params = append(op.Params, apiview.Row{Name: p.Name, Type: inWords(p.In, a.kindOf(p.Schema)), Required: p.Required, Words: words(cmp.Or(p.Description, describe(p.Schema)), p.Schema)})
		}
	}
	op.Curl = "curl -H 'Authorization: Bearer " + secret + "'"
	if r.Method != http.MethodGet {
		op.Curl += " -X " + r.Method
	}
	if o.RequestBody != nil {
		kinds := slices.Sorted(maps.Keys(o.RequestBody.Content))
		for _, kind := range kinds {
			m := o.RequestBody.Content[kind]
			if m.Schema != nil && strings.HasSuffix(kind, "json") {
				op.Body = a.rows(m.Schema, 0)
			}
		}
		op.Curl += curlBody(kinds[0], o.RequestBody.Content[kinds[0]])
	}
	op.Curl += " " + origin + r.Path
	if answer := o.Responses[strconv.Itoa(op.Status)]; answer != nil {
		for _, kind := range slices.Sorted(maps.Keys(answer.Content)) {
			if m := answer.Content[kind]; m.Schema != nil && m.Schema.Format != "binary" {
				op.Answer = a.rows(m.Schema, 0)
			}
		}
	}
	return op
}

// curlBody is a body for curl, as the example has it.
func curlBody(kind string, m *huma.MediaType) string {
	if !strings.HasSuffix(kind, "json") {
		return " -H 'Content-Type: " + kind + "' --data-binary @file"
	}
	example, ok := m.Example.(string)
	if !ok {
		example = "{…}"
		if text, err := json.Marshal(m.Example); err == nil && m.Example != nil {
			example = string(text)
		}
	}
	return " -H 'Content-Type: " + kind + "' -d '" + example + "'"
}

// inWords is where a parameter stands, and what it is.
func inWords(in, kind string) string {
	where := map[string]string{"path": "in the address", "query": "in the query", "header": "header"}[in]
	return kind + ", " + where
}

func describe(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return s.Description
}

// words are a description, with what may stand there.
func words(text string, s *huma.Schema) string {
	if s == nil {
		return text
	}
	if len(s.Enum) > 0 {
		values := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		text = strings.TrimSpace(text + " One of: " + strings.Join(values, ", ") + ".")
	}
	if s.Default != nil {
		text = strings.TrimSpace(fmt.Sprintf("%s Without: %v.", text, s.Default))
	}
	return text
}

func (a *API) resolved(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// kindOf is what a value is, in a word or two.
func (a *API) kindOf(s *huma.Schema) string {
	s = a.resolved(s)
	switch {
	case s == nil:
		return "anything"
	case s.Type == "array":
		return "list of " + strings.TrimSuffix(a.kindOf(s.Items), "s") + "s"
	case s.Format == "date":
		return "day"
	case s.Format == "date-time":
		return "moment"
	case s.Type == "string":
		return "text"
	case s.Type == "integer", s.Type == "number":
		return "number"
	case s.Type == "boolean":
		return "true or false"
	}
	return "object"
}

// deepest is how far inside each other fields are shown.
const deepest = 3

// rows are the fields of an object, and those inside them.
func (a *API) rows(s *huma.Schema, deep int) (rows []apiview.Row) {
	s = a.resolved(s)
	if s == nil || deep > deepest {
		return nil
	}
	if s.Type == "array" {
		return a.rows(s.Items, deep)
	}
	required := map[string]bool{}
	for _, name := range s.Required {
		required[name] = true
	}
	for _, name := range a.order(s) {
		p := s.Properties[name]
		rows = append(rows, apiview.Row{Name: name, Type: a.kindOf(p), Required: required[name], Words: words(p.Description, p), Deep: deep})
		rows = append(rows, a.rows(inside(a.resolved(p)), deep+1)...)
	}
	return rows
}

// inside is the object that a field holds, or a list of which it is.
func inside(s *huma.Schema) *huma.Schema {
	if s != nil && (s.Type == "object" || s.Type == "array") {
		return s
	}
	return nil
}

// order are the names of an object's fields: required ones first, then by name.
func (a *API) order(s *huma.Schema) []string {
	names := slices.Sorted(maps.Keys(s.Properties))
	slices.SortStableFunc(names, func(x, y string) int {
		rank := func(name string) int {
			if slices.Contains(s.Required, name) {
				return 0
			}
			return 1
		}
		return rank(x) - rank(y)
	})
	return names
}
