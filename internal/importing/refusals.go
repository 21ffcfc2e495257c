package importing

import (
	"slices"
	"strings"

	"fieldgate/internal/exchange"
	"fieldgate/internal/problem"
)

// Refusals remember what was refused of a file, so that what needs it says so and
// not that there is no such thing.
type Refusals struct{ where map[string]string }

// Note remembers a thing that was refused.
func (r *Refusals) Note(of *Reader, t Thing) {
	if t.Sheet < 0 {
		return
	}
	if r.where == nil {
		r.where = map[string]string{}
	}
	for _, name := range []string{t.External, text(t.Body["number"]), text(t.Body["name"]), text(t.Body["email"])} {
		if at := string(t.Kind) + "\n" + fold(name); name != "" && r.where[at] == "" {
			r.where[at] = of.where(t)
		}
	}
}

// Explain adds to the problems of a thing what to do where something is missing
// that it names.
func (r *Refusals) Explain(t Thing, p problem.Set) problem.Set {
	out := problem.Set{}
	var refs []string // to what is not there, or was refused
	for name, say := range p {
		out[name] = say
		f, ok := exchange.FieldNamed(t.Kind, name)
		rest, missing := strings.CutPrefix(say, "There is no "+f.Ref.One()+" “")
		if !ok || f.Ref == "" || !missing {
			continue
		}
		refs = append(refs, name)
		called, _, _ := strings.Cut(rest, "”")
		at, refused := r.where[string(f.Ref)+"\n"+fold(called)]
		switch {
		case refused:
			out[name] = "The " + f.Ref.One() + " “" + called + "” is refused in " + at + ". Put that right, and this is imported with it."
		case f.Required:
			out[name] = say + " Correct the name, or import the " + f.Ref.One() + " first."
		default:
			out[name] = say + " Correct it, import it first, or leave this column out under Columns."
		}
	}
	if slices.Contains(refs, "customer") { // of whom all else is
		for _, name := range refs {
			if name != "customer" {
				delete(out, name)
			}
		}
	}
	return out
}
