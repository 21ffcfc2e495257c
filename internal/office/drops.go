package office

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/drop"
	"fieldgate/internal/importing"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// DropFolder brings in what lies in the drop folder, by the same ways as
// Administration → Import: the work is done behind, and each look pushes it on.
type DropFolder struct {
	*Service
	// Problems says what is wrong with a thing that was refused, as screens do.
	Problems func(importing.Import, importing.Item) []string
}

// dropName is in whose name files of the drop folder come in.
const dropName = "Drop folder"

// mostRefusedLines is how many refused things a report names.
const mostRefusedLines = 1000

// Import goes on with a file: the same bytes to be read in the same way are one
// import, however often they are asked for.
func (d DropFolder) Import(ctx context.Context, f drop.File) (drop.Report, error) {
	r, err := d.next(ctx, f)
	if p, ok := errors.AsType[problem.Set](err); ok {
		return refusedDrop(sentences(p)...), nil
	}
	if _, ok := errors.AsType[apperr.Conflict](err); ok { // somebody is at it on the screen
		return drop.Report{}, drop.ErrLater
	}
	return r, err
}

func (d DropFolder) next(ctx context.Context, f drop.File) (drop.Report, error) {
	c, err := company.Read(ctx, d.pool)
	if err != nil {
		return drop.Report{}, err
	}
	by := staff.Viewer{Name: dropName, Role: staff.Administrator, Format: c.Format()}
	nonce := "drop/" + f.Mapping + "/" + f.Digest
	i, err := importing.FindSent(ctx, d.pool, nonce)
	if errors.Is(err, apperr.NotFound) {
		return later(d.begin(ctx, by, nonce, f))
	}
	if err != nil {
		return drop.Report{}, err
	}
	switch i.State {
	case importing.Unreadable:
		return refusedDrop(i.Why), nil
	case importing.Read:
		err := d.CheckImport(ctx, i.ID, i.Version)
		if p, ok := errors.AsType[problem.Set](err); ok {
			return refusedDrop(append(sentences(p), "Say in Administration → Import what its columns are, then put the file here again: the next ones are imported by themselves.")...), nil
		}
		return later(err)
	case importing.Checked:
		some, err := d.bringsAnything(ctx, i.ID)
		if err != nil {
			return drop.Report{}, err
		}
		if !some {
			r, err := d.report(ctx, i)
			r.Refused = true
			return r, err
		}
		return later(d.RunImport(ctx, by, i.ID, i.Version, false))
	case importing.Done:
		return d.report(ctx, i)
	case importing.Undone:
		return drop.Report{Text: "This file was imported before, and that was undone. Nothing was done."}, nil
	case importing.Reading, importing.Checking, importing.Running, importing.Undoing:
	}
	return drop.Report{}, drop.ErrLater
}

// later says to look again, unless something failed. What somebody has changed
// meanwhile is looked at again as well.
func later(err error) (drop.Report, error) {
	if err == nil || errors.Is(err, apperr.Stale) {
		err = drop.ErrLater
	}
	return drop.Report{}, err
}

func (d DropFolder) begin(ctx context.Context, by staff.Viewer, nonce string, f drop.File) error {
	if f.Mapping != "" {
		if _, err := importing.FindRemembered(ctx, d.pool, f.Mapping, ""); errors.Is(err, apperr.NotFound) {
			return problem.Of("mapping", "No columns are remembered under the name of the folder, “"+f.Mapping+"”. Import a file under Administration → Import and remember its columns under this name.")
		}
	}
	content, err := f.Content()
	if err != nil {
		return err
	}
	_, err = d.BeginImport(ctx, by, ImportFile{Name: f.Name, Size: f.Size, Content: content, Nonce: nonce, Mapping: f.Mapping})
	return err
}

func (d DropFolder) counts(ctx context.Context, id int64) (all []importing.Counts, err error) {
	err = postgres.Read(ctx, d.pool, func(b *postgres.Batch) { importing.QueryCounts(b, &all, id) })
	return all, err
}

// bringsAnything reports whether not all of a file was refused. A file without
// rows is fine.
func (d DropFolder) bringsAnything(ctx context.Context, id int64) (bool, error) {
	all, err := d.counts(ctx, id)
	good, refused := 0, 0
	for _, c := range all {
		good += c.Added + c.Changed + c.Same
		refused += c.Refused
	}
	return good > 0 || refused == 0, err
}

// report says what became of a file: counts first, then what was refused or stays out.
func (d DropFolder) report(ctx context.Context, i importing.Import) (drop.Report, error) {
	all, err := d.counts(ctx, i.ID)
	if err != nil {
		return drop.Report{}, err
	}
	var text strings.Builder
	for _, c := range all {
		fmt.Fprintf(&text, "%s: %d added, %d changed, %d with nothing to change, %d refused.\n", importing.Label(c.Kind), c.Added, c.Changed, c.Same, c.Refused)
	}
	if len(all) == 0 {
		text.WriteString("There was nothing in it.\n")
	}
	unfit, err := importing.UnfitLines(ctx, d.pool, i.ID)
	if err != nil {
		return drop.Report{}, err
	}
	for n, it := range unfit {
		if n == mostRefusedLines {
			fmt.Fprintf(&text, "And %d more: Administration → Import lists them.\n", len(unfit)-n)
			break
		}
		for _, say := range d.Problems(i, it) {
			fmt.Fprintf(&text, "%s, row %d, %s: %s\n", i.Tables[it.Sheet].Name, it.Line, it.Label, say)
		}
	}
	return drop.Report{Text: strings.TrimSuffix(text.String(), "\n")}, nil
}

func refusedDrop(say ...string) drop.Report {
	return drop.Report{Refused: true, Text: strings.Join(append([]string{"Nothing was imported."}, say...), "\n")}
}

func sentences(p problem.Set) (all []string) {
	for _, say := range p {
		all = append(all, say)
	}
	slices.Sort(all)
	return all
}
