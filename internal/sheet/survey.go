package sheet

import (
	"slices"
	"strings"
)

// Survey is what all values of a table together say about its columns, so that a
// date is not guessed in each row for itself. Rows are added one after the other.
type Survey struct {
	Rows    int      `json:"rows"`
	Columns []Column `json:"columns"`
	// Beside is how many cells are filled where no head stands; the first of them
	// is in line BesideLine.
	Beside     int `json:"beside,omitempty"`
	BesideLine int `json:"beside_line,omitempty"`
}

// maxValues is up to how many different values of a column are kept.
const maxValues = 100

// Column is what is known of a column's values.
type Column struct {
	Filled  int      `json:"filled"`
	Samples []string `json:"samples,omitempty"` // up to three, each another
	// Values are all different ones, unless there are Many.
	Values []Value `json:"values,omitempty"`
	Many   bool    `json:"many,omitempty"`
	// Errors counts cells such as #N/A.
	Errors int `json:"errors,omitempty"`

	Dates    Evidence `json:"dates,omitzero"`
	Decimals Evidence `json:"decimals,omitzero"`

	at map[string]int
}

// Value is a value of a column, and how often it stands there.
type Value struct {
	Text  string `json:"text"`
	Times int    `json:"times"`
}

// Evidence is what typed values say about how a column is to be read: as day or
// month first, with a point or a comma in front of decimals.
type Evidence struct {
	First  int `json:"first,omitempty"`  // can only be read in the first way
	Second int `json:"second,omitempty"` // only in the second
	Either int `json:"either,omitempty"`
	Sure   int `json:"sure,omitempty"` // says itself what it is
	// Of each, one that shows it.
	FirstSample  string `json:"first_sample,omitempty"`
	SecondSample string `json:"second_sample,omitempty"`
	EitherSample string `json:"either_sample,omitempty"`
}

// Add takes a row into account.
func (s *Survey) Add(r Row) {
	if s.Columns == nil {
		s.Columns = make([]Column, len(r.Cells))
	}
	s.Rows++
	for i, c := range r.Cells {
		s.Columns[i].add(c)
	}
	if r.Beside > 0 {
		if s.Beside += r.Beside; s.BesideLine == 0 {
			s.BesideLine = r.Line
		}
	}
}

func (c *Column) add(cell Cell) {
	if !cell.Filled() {
		return
	}
	c.Filled++
	if cell.Kind == Error {
		c.Errors++
		return
	}
	if len(c.Samples) < 3 && !slices.Contains(c.Samples, cell.Text) {
		c.Samples = append(c.Samples, cell.Text)
	}
	if !c.Many {
		if c.at == nil {
			c.at = map[string]int{}
		}
		if at, known := c.at[cell.Text]; known {
			c.Values[at].Times++
		} else if len(c.Values) == maxValues || len(cell.Text) > 200 {
			c.Many, c.Values, c.at = true, nil, nil
		} else {
			c.at[cell.Text] = len(c.Values)
			c.Values = append(c.Values, Value{cell.Text, 1})
		}
	}
	if cell.Kind != Text || len(cell.Text) > 60 || !strings.ContainsAny(cell.Text, "0123456789") {
		return
	}
	if dayFirst, monthFirst, certain, ok := readWhen(cell.Text); ok {
		c.Dates.add(cell.Text, !dayFirst.Day.IsZero(), !monthFirst.Day.IsZero(), certain)
	}
	if dot, comma, certain := readNumber(cell.Text); dot != "" || comma != "" {
		c.Decimals.add(cell.Text, dot != "", comma != "", certain)
	}
}

func (e *Evidence) add(text string, first, second, sure bool) {
	switch {
	case sure:
		e.Sure++
	case first && second:
		e.Either++
		e.EitherSample = firstOf(e.EitherSample, text)
	case first:
		e.First++
		e.FirstSample = firstOf(e.FirstSample, text)
	default:
		e.Second++
		e.SecondSample = firstOf(e.SecondSample, text)
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Settled is how sure a reading is.
type Settled int

// How sure a reading is.
const (
	Irrelevant Settled = iota // there is nothing to decide
	Proven                    // by values that can be read in one way only
	Assumed                   // all values could be either
	Contradicted
)

func (e Evidence) settled() Settled {
	switch {
	case e.First > 0 && e.Second > 0:
		return Contradicted
	case e.First > 0 || e.Second > 0:
		return Proven
	case e.Either > 0:
		return Assumed
	}
	return Irrelevant
}

// Order is how the column's dates are read, where the business writes them in
// the usual order; say is a sentence about it when there is one to say.
func (c Column) Order(usual Order) (o Order, how Settled, say string) {
	o, how = usual, c.Dates.settled()
	switch how {
	case Irrelevant:
	case Proven:
		if o = DayFirst; c.Dates.Second > 0 {
			o = MonthFirst
		}
		say = "Dates are read with the " + o.Label() + ", since " + firstOf(c.Dates.FirstSample, c.Dates.SecondSample) + " can be nothing else."
	case Assumed:
		say = "Dates such as " + c.Dates.EitherSample + " could be either. They are read with the " + o.Label() + ", as is usual here."
	case Contradicted:
		say = "Some dates have the day first (" + c.Dates.FirstSample + "), others the month (" + c.Dates.SecondSample + "). They are read with the " + o.Label() + "; the others are refused."
	}
	return o, how, say
}

// Point is how the column's numbers are read, where the business writes decimals
// behind the usual sign.
func (c Column) Point(usual Point) (p Point, how Settled, say string) {
	p, how = usual, c.Decimals.settled()
	switch how {
	case Irrelevant:
	case Proven:
		if p = Dot; c.Decimals.Second > 0 {
			p = Comma
		}
		if p != usual {
			say = "Decimals stand behind " + p.Label() + ", since " + firstOf(c.Decimals.FirstSample, c.Decimals.SecondSample) + " can be nothing else."
		}
	case Assumed:
		say = "Numbers such as " + c.Decimals.EitherSample + " could be thousands or decimals. Decimals are read behind " + p.Label() + ", as is usual here."
	case Contradicted:
		say = "Some numbers have decimals behind a point (" + c.Decimals.FirstSample + "), others behind a comma (" + c.Decimals.SecondSample + "). Each is read as it can be; what could be either has decimals behind " + p.Label() + "."
	}
	return p, how, say
}
