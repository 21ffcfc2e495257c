package ui

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fieldgate/internal/company"
	"fieldgate/internal/problem"
)

// Field is one labelled control of a form. Name is also its id; ID overrides
// it where a page shows the same name twice.
type Field struct {
	Name, ID, Label, Hint, Value string
	// Problem is what is wrong with the value, shown at the field; empty when nothing is.
	Problem string
	// Choices are what a number may mean that can be read in more than one way. One
	// press on one sends the form with it, as "meant".
	Choices                       []company.Meant
	Required                      bool
	Disabled, ReadOnly, Autofocus bool
	// Autocomplete, Inputmode and Placeholder are the attributes of the same name.
	Autocomplete, Inputmode, Placeholder string
	// Min, Max and Step bound dates and numbers.
	Min, Max, Step string
	// MaxLength limits text in the browser; the server checks again.
	MaxLength int
	// Rows is the height of a Textarea in lines; 4 when zero.
	Rows int
	// Prefix and Suffix stand inside the control's frame: "$", "hours".
	Prefix, Suffix string
	// Size is "short" (dates, numbers), "medium" or empty for the full width.
	Size string
	// HideLabel keeps the label for readers of the page aloud only.
	HideLabel bool
	// Attrs are added to the control itself, for data- and hx- attributes.
	Attrs templ.Attributes
	// rule stands before the control and describes it, by the id ruleID.
	rule   templ.Component
	ruleID string
}

// Of is the field as the thing that has it describes it: with name, label and
// limit, what it holds and what is wrong with that.
func (f Field) Of(of problem.Field, value string, problems problem.Set) Field {
	f.Name, f.Label, f.MaxLength, f.Value, f.Problem = of.Name, of.Label, of.Max, value, problems[of.Name]
	return f
}

// ruled is the field with what is asked of it, said before it is typed.
func (f Field) ruled(rule templ.Component) Field {
	f.rule, f.ruleID = rule, f.id()+"-rule"
	return f
}

func (f Field) id() string { return cmp.Or(f.ID, f.Name) }

// attributes are those that every kind of control shares.
func (f Field) attributes(kind string) templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name}
	if kind != "" {
		a["type"] = kind
	}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("aria-describedby", strings.TrimSpace(describedBy(f.id(), f.Hint, f.Problem)+" "+f.ruleID))
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.Inputmode)
	set("placeholder", f.Placeholder)
	set("min", f.Min)
	set("max", f.Max)
	set("step", f.Step)
	if f.Problem != "" {
		a["aria-invalid"] = "true"
	}
	if f.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(f.MaxLength)
	}
	a["required"] = f.Required
	a["disabled"] = f.Disabled
	a["readonly"] = f.ReadOnly
	a["autofocus"] = f.Autofocus
	for name, value := range f.Attrs {
		a[name] = value
	}
	return a
}

// Option is one choice of a Select, of Radios or of RadioCards.
type Option struct {
	Value, Label string
	// Hint explains a radio button or a card; a Select ignores it.
	Hint string
	// Group gathers following options of a Select under a heading.
	Group    string
	Disabled bool
}

// Way is a column of a ChoiceTable.
type Way struct{ Name, Label string }

// ChoiceRow is a row of a ChoiceTable; Ticked says it for each way.
type ChoiceRow struct {
	Value, Label, Hint string
	Ticked             []bool
}

func wayID(w Way, row int) string { return w.Name + "-" + strconv.Itoa(row+1) }

type optionGroup struct {
	name    string
	options []Option
}

func grouped(options []Option) []optionGroup {
	var groups []optionGroup
	for _, o := range options {
		if len(groups) == 0 || groups[len(groups)-1].name != o.Group {
			groups = append(groups, optionGroup{name: o.Group})
		}
		last := &groups[len(groups)-1]
		last.options = append(last.options, o)
	}
	return groups
}

// Right is one right of an area, to be ticked.
type Right struct {
	Name, Label, Problem string
	Has                  bool
}

// PermissionRow is an area with what may be seen of it and the rights beyond that.
type PermissionRow struct {
	Area string
	// See chooses from Options what may be seen; without a Name, Always stands there.
	See     Field
	Options []Option
	Always  string
	Rights  []Right
}

// Address is what a form holds of an address.
type Address struct {
	Line1, Line2, City, Region, Postcode, Country string
}

// Pair is a hidden field of a form.
type Pair struct{ Name, Value string }

// inFormOrder names the problems as our forms ask: whole form first, then type
// and name, which forms begin with.
func inFormOrder(problems map[string]string) []string {
	late := func(name string) int {
		if name == "" || name == "name" || name == "type" {
			return 0
		}
		return 1
	}
	return slices.SortedFunc(maps.Keys(problems), func(a, b string) int {
		return cmp.Or(late(a)-late(b), cmp.Compare(a, b))
	})
}

func problemCount(problems map[string]string) string {
	if len(problems) == 1 {
		return "There is a problem"
	}
	return "There are " + strconv.Itoa(len(problems)) + " problems"
}

// judged sends what is typed to be judged, when the typing pauses.
func judged(f Field, judge string) Field { return asked(f, judge, "-verdict") }

// watched sends what is typed to be read.
func watched(f Field, read string) Field { return asked(f, read, "-reading") }

func asked(f Field, address, answer string) Field {
	attrs := templ.Attributes{
		"hx-post": address, "hx-trigger": "input changed delay:400ms", "hx-target": "#" + f.id() + answer, "hx-params": f.Name, "hx-sync": "this:replace",
	}
	maps.Copy(attrs, f.Attrs)
	f.Attrs = attrs
	return f
}
