package api

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"fieldgate/internal/event"
	"fieldgate/internal/exchange"
	"fieldgate/internal/problem"
)

// schemaNames are those of types whose own name would say too little, or stand for
// two things.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[exchange.Item](): "Equipment", reflect.TypeFor[exchange.Member](): "StaffMember", reflect.TypeFor[event.Data](): "EventData",
	reflect.TypeFor[event.Customer](): "EventCustomer", reflect.TypeFor[event.Contact](): "EventContact", reflect.TypeFor[event.Subject](): "EventSubject",
	reflect.TypeFor[event.ExternalID](): "EventExternalID", reflect.TypeFor[event.Change](): "EventChange", reflect.TypeFor[event.Answer](): "EventAnswer",
	reflect.TypeFor[event.Visit](): "EventVisit", reflect.TypeFor[event.Message](): "EventMessage", reflect.TypeFor[event.File](): "EventFile",
}

// schemaName names a type in the specification.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := schemaNames[t]; ok {
		return name
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// fieldOfRecord is a field of a record that may come in.
type fieldOfRecord struct {
	index []int
	as    string // what it takes, in a sentence
}

// fieldsOfRecords are what may come in of each kind, by its name in JSON, and
// what is read over: what records have and nobody brings in, so that one that was
// read can be sent back.
var fieldsOfRecords = func() map[exchange.Kind]map[string]*fieldOfRecord {
	all := map[exchange.Kind]map[string]*fieldOfRecord{}
	for k, t := range recordTypes {
		fields := map[string]*fieldOfRecord{}
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous:
				for j := range f.Type.NumField() {
					if name, _, _ := strings.Cut(f.Type.Field(j).Tag.Get("json"), ","); name != "-" {
						fields[name] = nil
					}
				}
			case name == "":
			case f.Tag.Get("only") == "out":
				fields[name] = nil
			default:
				fields[name] = &fieldOfRecord{index: f.Index, as: takes(f.Type)}
			}
		}
		all[k] = fields
	}
	return all
}()

// takes says what a field of a type is sent as.
func takes(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Name() == "Day":
		return "Send a day, such as 2026-11-24."
	case t.Name() == "Time":
		return "Send a moment with its time zone, such as 2026-11-24T09:00:00+11:00."
	case t.Name() == "Decimal":
		return "Send a number, such as 12.50."
	case t.Kind() == reflect.Int:
		return "Send a whole number."
	case t.Kind() == reflect.Bool:
		return "Send true or false."
	case t.Kind() == reflect.Slice:
		return "Send a list."
	case t.Kind() == reflect.Struct:
		return "Send an object with the lines of the address."
	}
	return "Send text."
}

var recordTypes = map[exchange.Kind]reflect.Type{
	exchange.Staff: reflect.TypeFor[exchange.Member](), exchange.JobTypes: reflect.TypeFor[exchange.JobType](), exchange.Customers: reflect.TypeFor[exchange.Customer](),
	exchange.Sites: reflect.TypeFor[exchange.Site](), exchange.Contacts: reflect.TypeFor[exchange.Contact](), exchange.Equipment: reflect.TypeFor[exchange.Item](),
	exchange.Quotes: reflect.TypeFor[exchange.Quote](), exchange.Jobs: reflect.TypeFor[exchange.Job](), exchange.Tasks: reflect.TypeFor[exchange.Task](),
	exchange.Time: reflect.TypeFor[exchange.TimeEntry](),
}

// filling reads a record that was sent: fields that are not there stay as they
// are, null empties, and an address or a list is sent whole.
func filling(k exchange.Kind, body []byte) (func(exchange.Record) error, error) {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil || sent == nil {
		return nil, problem.Of("", "Send one JSON object with the fields.")
	}
	wrong := problem.Set{}
	for name := range sent {
		if _, known := fieldsOfRecords[k][name]; !known {
			wrong.Add(name, "There is no such field.")
		}
	}
	fill := func(r exchange.Record) error {
		wrong, into := maps.Clone(wrong), reflect.ValueOf(r).Elem()
		for name, value := range sent {
			f := fieldsOfRecords[k][name]
			if f == nil {
				continue
			}
			at := into.FieldByIndex(f.index)
			at.SetZero()
			if err := json.Unmarshal(value, at.Addr().Interface()); err != nil {
				wrong.Add(name, f.as)
				continue
			}
			tidy(at, name, wrong)
		}
		return wrong.Err()
	}
	return fill, nil
}

// tidy takes blanks off texts, as forms do, and refuses what no text holds.
func tidy(v reflect.Value, name string, wrong problem.Set) {
	switch v.Kind() {
	case reflect.String:
		text := strings.TrimSpace(strings.ReplaceAll(v.String(), "\r\n", "\n"))
		wrong.Unless(!strings.ContainsRune(text, 0), name, "Leave out characters that cannot be seen.")
		v.SetString(text)
	case reflect.Slice:
		for i := range v.Len() {
			tidy(v.Index(i), name, wrong)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Field(i).CanSet() {
				tidy(v.Field(i), name, wrong)
			}
		}
	default:
	}
}

// describe says of each field of a record what forms call it and what it takes,
// and registers what comes in: the same fields, none of them required.
func (a *API) describeRecord(k exchange.Kind) (out, in *huma.Schema) {
	all := a.huma.OpenAPI().Components.Schemas
	out = all.Schema(recordTypes[k], true, "")
	s := all.SchemaFromRef(out.Ref)
	for _, f := range exchange.Fields(k) {
		p := s.Properties[f.Name]
		if p == nil || p.Ref != "" {
			continue
		}
		text := strings.TrimSpace(strings.TrimSuffix(f.Label, ".") + ". " + p.Description)
		switch {
		case f.Out:
			text += " It is read only."
		case f.Ref != "":
			text += " Send what people call it, its id with # before it, or source:id."
		case len(f.Values) > 0:
			var words []string
			for _, v := range f.Values {
				words = append(words, v.Word)
			}
			text += " One of " + strings.Join(words, ", ") + "."
		case f.Type == exchange.Day:
			text += " A day, such as 2026-11-24; empty for none."
		case f.Type == exchange.Decimal:
			text += " A decimal number, as text."
		}
		if f.Required {
			text += " A new one needs it."
		}
		p.Description = text
	}
	fields := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
	for name, f := range fieldsOfRecords[k] {
		if f != nil {
			fields.Properties[name] = s.Properties[name]
		}
	}
	name := strings.TrimPrefix(out.Ref, "#/components/schemas/") + "Fields"
	all.Map()[name] = fields
	return out, &huma.Schema{Ref: "#/components/schemas/" + name}
}

// needed are the fields without which there is no new one.
func needed(k exchange.Kind) string {
	var names []string
	for _, f := range exchange.Fields(k) {
		if f.Required {
			names = append(names, f.Name)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// takesBody says in the specification what an operation takes whose body it reads
// by itself.
func (a *API) takesBody(method, path string, content map[string]*huma.MediaType) {
	o := a.operation(Route{Method: method, Path: path})
	o.RequestBody = &huma.RequestBody{Required: true, Content: content}
}

// shareProblems keeps the specification short: what goes wrong is told alike
// everywhere.
func (a *API) shareProblems(method, path string) {
	all := a.huma.OpenAPI().Components
	if all.Responses == nil {
		all.Responses = map[string]*huma.Response{}
	}
	responses := a.operation(Route{Method: method, Path: path}).Responses
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		if responses[status].Content["application/problem+json"] == nil {
			continue
		}
		all.Responses["Problem"+status] = responses[status]
		responses[status] = &huma.Response{Ref: "#/components/responses/Problem" + status}
	}
}

// answersAlso says that an operation answers with another status in the same way.
func (a *API) answersAlso(method, path string, status, description string) {
	o := a.operation(Route{Method: method, Path: path})
	same := *o.Responses["200"]
	same.Description = description
	o.Responses[status] = &same
}
