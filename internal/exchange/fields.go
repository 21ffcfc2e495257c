package exchange

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/address"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/day"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/site"
	"fieldgate/internal/staff"
)

// Type is what a field holds.
type Type string

// The types. A value of one is, in this order: a string, an int, a
// decimal.Decimal, a bool, a day.Day, a *time.Time, and a []string.
const (
	Text    Type = "text"
	Whole   Type = "whole number"
	Decimal Type = "number"
	YesNo   Type = "yes or no"
	Day     Type = "day"
	Moment  Type = "day and time"
	Many    Type = "list"
)

// Field is a field of a record as a table has it: each line of an address is one.
type Field struct {
	Name     string // as in JSON; street.city is part of an address
	Label    string
	Type     Type
	Ref      Kind    // what it names, "" for nothing else
	Values   []Value // what it may be; none for anything
	Required bool    // of a new one
	Out      bool    // it goes out and never comes in
	index    []int
}

// Value is one of a few that a field may have.
type Value struct{ Word, Label string }

// Fields are the fields of a kind, in the order of its columns.
func Fields(k Kind) []Field { return fieldsOf(k) }

// FieldNamed is the field of a kind with that name.
func FieldNamed(k Kind, name string) (Field, bool) {
	all := fieldsOf(k)
	i := slices.IndexFunc(all, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return all[i], true
}

// blanks are an empty record of each kind.
var blanks = map[Kind]func() Record{
	Staff: func() Record { return new(Member) }, JobTypes: func() Record { return new(JobType) }, Customers: func() Record { return new(Customer) },
	Sites: func() Record { return new(Site) }, Contacts: func() Record { return new(Contact) }, Equipment: func() Record { return new(Item) },
	Quotes: func() Record { return new(Quote) }, Jobs: func() Record { return new(Job) }, Tasks: func() Record { return new(Task) }, Time: func() Record { return new(TimeEntry) },
}

// forms are the fields of the forms, whose labels are those of the columns.
var forms = map[Kind]problem.Fields{
	Staff: staff.Fields, JobTypes: job.TypeFields, Customers: customer.Fields, Sites: site.Fields, Contacts: contact.Fields, Equipment: equipment.Fields,
	Quotes: quote.Fields, Jobs: job.Fields, Tasks: job.TaskFields, Time: job.TimeFields,
}

var fieldsOf = func() func(Kind) []Field {
	all := sync.OnceValue(func() map[Kind][]Field {
		all := map[Kind][]Field{}
		for _, k := range Kinds {
			all[k] = reflected(blanks[k](), forms[k])
		}
		return all
	})
	return func(k Kind) []Field { return all()[k] }
}()

// addressParts are the lines of an address as forms call them.
var addressParts = []struct{ field, name, label string }{
	{"Line1", "line1", "line 1"}, {"Line2", "line2", "line 2"}, {"City", "city", "city"}, {"Region", "region", "region"}, {"Postcode", "postcode", "postcode"}, {"Country", "country", "country"},
}

func reflected(blank Record, form problem.Fields) (all []Field) {
	for _, f := range reflect.VisibleFields(reflect.TypeOf(blank).Elem()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || f.Index[0] == 0 || name == "" || name == "-" || name == "lines" { // the first is Head
			continue
		}
		label := f.Tag.Get("label")
		if label == "" {
			label = form.Label(name)
		}
		field := Field{Name: name, Label: label, Ref: Kind(f.Tag.Get("ref")), Required: f.Tag.Get("need") != "", Out: f.Tag.Get("only") == "out", index: f.Index, Values: valuesOf(f.Tag.Get("values"))}
		switch f.Type {
		case reflect.TypeFor[address.Address]():
			for _, part := range addressParts {
				at, _ := f.Type.FieldByName(part.field)
				all = append(all, Field{Name: name + "." + part.name, Label: label + ", " + part.label, Type: Text, index: append(slices.Clone(f.Index), at.Index...)})
			}
			continue
		case reflect.TypeFor[string]():
			field.Type = Text
		case reflect.TypeFor[int]():
			field.Type = Whole
		case reflect.TypeFor[bool]():
			field.Type = YesNo
		case reflect.TypeFor[day.Day]():
			field.Type = Day
		case reflect.TypeFor[*time.Time]():
			field.Type = Moment
		case reflect.TypeFor[[]string]():
			field.Type = Many
		case reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[*decimal.Decimal]():
			field.Type = Decimal
		default:
			panic("exchange: field of " + reflect.TypeOf(blank).String() + " of an unknown type: " + name)
		}
		all = append(all, field)
	}
	return all
}

func valuesOf(of string) (values []Value) {
	switch of {
	case "job":
		for _, s := range job.Statuses {
			values = append(values, Value{string(s), s.Label()})
		}
	case "quote":
		for _, s := range quote.Statuses {
			values = append(values, Value{string(s), s.Label()})
		}
	case "decision":
		values = []Value{{string(quote.Accepted), quote.Accepted.Label()}, {string(quote.Declined), quote.Declined.Label()}}
	case "way":
		for _, w := range quote.Ways {
			values = append(values, Value{string(w), w.Label()})
		}
	case "priority":
		for _, p := range job.Priorities {
			values = append(values, Value{string(p), p.Label()})
		}
	}
	return values
}

// Get is the field's value in a record, of the Go type that its Type says.
func (f Field) Get(r Record) any {
	v := reflect.ValueOf(r).Elem().FieldByIndex(f.index).Interface()
	if d, ok := v.(*decimal.Decimal); ok {
		if d == nil {
			return nil
		}
		return *d
	}
	return v
}

// Set puts a value into a record; nil empties the field. A value of another type
// than the field's is a mistake of the caller.
func (f Field) Set(r Record, v any) {
	at := reflect.ValueOf(r).Elem().FieldByIndex(f.index)
	if v == nil {
		at.SetZero()
		return
	}
	if d, ok := v.(decimal.Decimal); ok && at.Kind() == reflect.Pointer {
		at.Set(reflect.ValueOf(&d))
		return
	}
	at.Set(reflect.ValueOf(v))
}

// Empty reports whether the field says nothing in a record.
func (f Field) Empty(r Record) bool {
	return reflect.ValueOf(r).Elem().FieldByIndex(f.index).IsZero()
}

// Parse reads what stands in a cell as the field's value, or says what is wrong
// with it. Nothing is nil. Days and times are as ISO 8601 writes them; a moment
// without a zone is where the business is.
func (f Field) Parse(format company.Format, typed string) (v any, wrong string) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, ""
	}
	switch f.Type {
	case Text:
		return f.value(typed)
	case Whole:
		n := format.Quantity().Read(typed)
		if n.Problem != "" || !n.Value.IsInteger() {
			return nil, "Enter a whole number."
		}
		return int(n.Value.IntPart()), ""
	case Decimal:
		n := format.Quantity().Read(typed)
		if n.Problem != "" {
			if d, err := decimal.NewFromString(typed); err == nil {
				return d, ""
			}
			return nil, n.Problem
		}
		return n.Value, ""
	case YesNo:
		yes, known := yesNo[strings.ToLower(typed)]
		if !known {
			return nil, "Enter Yes or No."
		}
		return yes, ""
	case Day:
		d, err := day.Parse(typed)
		if err != nil {
			return nil, "Enter a date, such as 2026-11-24."
		}
		return d, ""
	case Moment:
		return moment(format, typed)
	case Many:
		var all []string
		for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ';' || r == '\n' }) {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
		return all, ""
	}
	return nil, "This field cannot be read."
}

// value is one of the few that the field may have, by its word or its label.
func (f Field) value(typed string) (any, string) {
	if len(f.Values) == 0 {
		return typed, ""
	}
	var labels []string
	for _, v := range f.Values {
		if strings.EqualFold(v.Word, typed) || strings.EqualFold(v.Label, typed) {
			return v.Word, ""
		}
		labels = append(labels, v.Label)
	}
	return nil, "Choose one of " + strings.Join(labels, ", ") + "."
}

var yesNo = map[string]bool{
	"yes": true, "y": true, "true": true, "1": true, "x": true, "on": true, "✓": true,
	"no": false, "n": false, "false": false, "0": false, "off": false, "-": false,
}

// moments are the ways to write one, with a zone and without.
var moments = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"}

func moment(format company.Format, typed string) (any, string) {
	if t, err := time.Parse(time.RFC3339, typed); err == nil {
		return &t, ""
	}
	for _, layout := range moments {
		t, err := time.Parse(layout, typed)
		if err != nil || t.Year() < 1900 || t.Year() > 2200 {
			continue
		}
		at, _ := day.New(t.Year(), t.Month(), t.Day()).At(t.Hour(), t.Minute(), format.Zone())
		at = at.Add(time.Duration(t.Second()) * time.Second)
		return &at, ""
	}
	return nil, "Enter a date and a time, such as 2026-11-24 14:30."
}

// Write is a value of the field as a table has it. Moments are in the business's
// time zone.
func (f Field) Write(format company.Format, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		for _, known := range f.Values {
			if known.Word == v {
				return known.Label
			}
		}
		return v
	case bool:
		if v {
			return "Yes"
		}
		return "No"
	case int:
		if v == 0 {
			return ""
		}
		return decimal.NewFromInt(int64(v)).String()
	case decimal.Decimal:
		return v.String()
	case day.Day:
		return v.String()
	case *time.Time:
		if v == nil {
			return ""
		}
		return writeMoment(format, *v)
	case []string:
		return strings.Join(v, "; ")
	}
	return ""
}

// writeMoment is a moment where the business is; one that happens twice there, as
// when clocks go back, with its zone.
func writeMoment(format company.Format, at time.Time) string {
	local := format.Local(at).Truncate(time.Second)
	text := local.Format("2006-01-02 15:04:05")
	if again, _ := moment(format, text); !equal(again, &local) {
		return local.Format(time.RFC3339)
	}
	return strings.TrimSuffix(text, ":00")
}

// same reports whether a field says the same in two records.
func (f Field) same(a, b Record) bool { return equal(f.Get(a), f.Get(b)) }

func equal(a, b any) bool {
	switch x := a.(type) {
	case decimal.Decimal:
		y, ok := b.(decimal.Decimal)
		return ok && x.Equal(y)
	case *time.Time:
		y, ok := b.(*time.Time)
		return ok && (x == nil) == (y == nil) && (x == nil || x.Equal(*y))
	case []string:
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}
