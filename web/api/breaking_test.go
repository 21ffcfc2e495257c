package api_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// breaking is what programs that were written after one specification would
// stumble over in the next: what is gone, what is asked for and was not, and what
// means something else.
func breaking(t *testing.T, before, after []byte) (wrong []string) {
	t.Helper()
	var was, is map[string]any
	for text, into := range map[*[]byte]*map[string]any{&before: &was, &after: &is} {
		if err := yaml.Unmarshal(*text, into); err != nil {
			t.Fatal(err)
		}
	}
	c := comparison{was: was, is: is}
	for path, item := range in(was, "paths") {
		for method, op := range asMap(item) {
			if in(is, "paths", path)[method] == nil {
				c.say(path, method, "is gone")
				continue
			}
			c.operation(strings.ToUpper(method)+" "+path, asMap(op), in(is, "paths", path, method))
		}
	}
	slices.Sort(c.wrong)
	return c.wrong
}

type comparison struct {
	was, is map[string]any
	wrong   []string
}

func (c *comparison) say(words ...string) { c.wrong = append(c.wrong, strings.Join(words, " ")) }

func (c *comparison) operation(at string, was, is map[string]any) {
	params := map[string]map[string]any{}
	for _, p := range asList(is["parameters"]) {
		params[fmt.Sprint(asMap(p)["in"], " ", asMap(p)["name"])] = asMap(p)
	}
	old := map[string]bool{}
	for _, p := range asList(was["parameters"]) {
		name := fmt.Sprint(asMap(p)["in"], " ", asMap(p)["name"])
		old[name] = true
		now := params[name]
		if now == nil {
			c.say(at, name, "is taken no more")
			continue
		}
		if now["required"] == true && asMap(p)["required"] != true {
			c.say(at, name, "is required now")
		}
		c.schema(at+" "+name, asMap(asMap(p)["schema"]), asMap(now["schema"]), true, 0)
	}
	for name, p := range params {
		if !old[name] && p["required"] == true {
			c.say(at, name, "is new and required")
		}
	}
	for kind, m := range in(was, "requestBody", "content") {
		if now := in(is, "requestBody", "content", kind); len(now) == 0 {
			c.say(at, kind, "is taken no more")
		} else {
			c.schema(at+" body", asMap(asMap(m)["schema"]), asMap(now["schema"]), true, 0)
		}
	}
	if len(in(was, "requestBody")) == 0 && in(is, "requestBody")["required"] == true {
		c.say(at, "needs a body now")
	}
	for status, r := range in(was, "responses") {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		for kind, m := range in(asMap(r), "content") {
			if now := in(is, "responses", status, "content", kind); len(now) == 0 {
				c.say(at, status, kind, "is answered no more")
			} else {
				c.schema(at+" "+status, asMap(asMap(m)["schema"]), asMap(now["schema"]), false, 0)
			}
		}
	}
}

// schema compares what is sent, or what is answered.
func (c *comparison) schema(at string, was, is map[string]any, sent bool, deep int) {
	if deep > 8 {
		return
	}
	was, is = resolved(c.was, was), resolved(c.is, is)
	if a, b := fmt.Sprint(was["type"]), fmt.Sprint(is["type"]); a != b {
		c.say(at, "is", b, "and was", a)
		return
	}
	if a, b := was["format"], is["format"]; a != nil && a != b {
		c.say(at, fmt.Sprintf("has the format %v and had %v", b, a))
	}
	had, has := values(was["enum"]), values(is["enum"])
	for _, v := range had {
		if sent && len(has) > 0 && !slices.Contains(has, v) {
			c.say(at, "takes", v, "no more")
		}
	}
	if sent && len(had) == 0 && len(has) > 0 {
		c.say(at, "takes few values now")
	}
	if sent {
		for _, name := range values(is["required"]) {
			if !slices.Contains(values(was["required"]), name) {
				c.say(at, name, "is required now")
			}
		}
	} else {
		for _, name := range values(was["required"]) {
			if !slices.Contains(values(is["required"]), name) {
				c.say(at, name, "may be missing now")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(asMap(was["properties"]))) {
		now := in(is, "properties", name)
		if len(now) == 0 {
			c.say(at, name, "is gone")
			continue
		}
		c.schema(at+"."+name, in(was, "properties", name), now, sent, deep+1)
	}
	if was["items"] != nil {
		c.schema(at+"[]", asMap(was["items"]), asMap(is["items"]), sent, deep+1)
	}
}

func resolved(all, s map[string]any) map[string]any {
	if ref, ok := s["$ref"].(string); ok {
		return in(all, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return s
}

func in(m map[string]any, path ...string) map[string]any {
	for _, p := range path {
		m = asMap(m[p])
	}
	return m
}

func asMap(v any) map[string]any { m, _ := v.(map[string]any); return m }

func asList(v any) []any { l, _ := v.([]any); return l }

func values(v any) (out []string) {
	for _, one := range asList(v) {
		out = append(out, fmt.Sprint(one))
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}

const promised = `
paths:
  /things:
    get:
      parameters: [{name: status, in: query, schema: {type: string, enum: [a, b]}}]
      responses: {"200": {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string}, when: {type: string, format: date}, count: {type: integer}}}
`

func TestWhatBreaksPrograms(t *testing.T) {
	t.Parallel()
	if wrong := breaking(t, []byte(promised), []byte(promised)); len(wrong) > 0 {
		t.Error(wrong)
	}
	for change, want := range map[[2]string]string{
		{"/things:", "/stuff:"}:                                                 "is gone",
		{"enum: [a, b]", "enum: [a]"}:                                           "takes b no more",
		{"enum: [a, b]", "enum: [a, b, c]"}:                                     "",
		{"count: {type: integer}", "size: {type: integer}"}:                     "count is gone",
		{"count: {type: integer}", "count: {type: string}"}:                     "is string and was integer",
		{"required: [name]", "required: [name, count]"}:                         "count is required now",
		{"required: [name]", "required: []"}:                                    "name may be missing now",
		{"format: date", "format: date-time"}:                                   "has the format date-time and had date",
		{"in: query, schema", "in: query, required: true, schema"}:              "is required now",
		{"count: {type: integer}", "count: {type: integer}, x: {type: string}"}: "",
		{"    post:", "    put:"}:                                               "is gone",
	} {
		wrong := strings.Join(breaking(t, []byte(promised), []byte(strings.Replace(promised, change[0], change[1], 1))), "; ")
		if (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%s → %s: %q, not %q", change[0], change[1], wrong, want)
		}
	}
}
