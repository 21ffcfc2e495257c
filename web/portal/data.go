package portalweb

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"fieldgate/internal/export"
	"fieldgate/internal/portal"
	"fieldgate/internal/storage"
	portalview "fieldgate/templates/portal"
	"fieldgate/web/download"
	files "fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
)

// AskData is the page from which a contact takes along what they see.
func (h Files) AskData(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return page.Render(w, r, http.StatusOK, portalview.Data(portalview.DataPage{Viewer: v}))
}

// TakeData sends it: tables and files in one archive.
func (h Files) TakeData(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	taken, err := h.Portal.TakeData(r.Context(), v)
	if err != nil {
		return err
	}
	var sent []download.File
	absent := taken.Absent
	for _, f := range taken.Files {
		file, why := archived(f.File)
		if why != "" {
			absent = append(absent, why)
			continue
		}
		file.Folder = f.Folder
		sent = append(sent, file)
	}
	made := workbookOf
	if form.Text(r, "form") == string(export.AsCSV) {
		made = textsOf
	}
	name := v.Business.Name + " " + v.Business.Format.Today().String() + ".zip"
	return download.ZipWith(w, r, h.Store, name, []download.Made{made(taken.Tables)}, sent, absent...)
}

func cellsOf(row []string) (cells []export.Cell) {
	for _, text := range row {
		cells = append(cells, files.Typed(text))
	}
	return cells
}

// workbookOf writes the tables as one workbook.
func workbookOf(tables []portal.TakenTable) download.Made {
	return func(archive *zip.Writer, names export.Names) (err error) {
		folder, err := os.MkdirTemp("", storage.Temporary+"data-*")
		if err != nil {
			return fmt.Errorf("write tables: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
		book, err := export.NewWorkbook(folder)
		if err != nil {
			return err //nolint:wrapcheck // says what it was
		}
		defer func() { err = errors.Join(err, book.Close()) }()
		for _, t := range tables {
			if err := book.Sheet(t.Name, t.Head); err != nil {
				return err //nolint:wrapcheck // says what it was
			}
			for _, row := range t.Rows {
				if err := book.Row(cellsOf(row)); err != nil {
					return err //nolint:wrapcheck // says what it was
				}
			}
		}
		out, err := archive.CreateHeader(&zip.FileHeader{Name: names.Distinct("tables.xlsx"), Method: zip.Store})
		if err != nil {
			return fmt.Errorf("write tables: %w", err)
		}
		_, err = book.WriteTo(out)
		return err //nolint:wrapcheck // says what it was
	}
}

// textsOf writes each table as a CSV file.
func textsOf(tables []portal.TakenTable) download.Made {
	return func(archive *zip.Writer, names export.Names) error {
		for _, t := range tables {
			out, err := archive.Create(names.Distinct(strings.ToLower(strings.ReplaceAll(t.Name, " ", "-")) + ".csv"))
			if err != nil {
				return fmt.Errorf("write tables: %w", err)
			}
			if err := writeText(out, t); err != nil {
				return fmt.Errorf("write tables: %w", err)
			}
		}
		return nil
	}
}

func writeText(out io.Writer, t portal.TakenTable) error {
	rows, err := export.NewCSV(out, t.Head)
	if err != nil {
		return err //nolint:wrapcheck // above
	}
	for _, row := range t.Rows {
		if err := rows.Row(cellsOf(row)); err != nil {
			return err //nolint:wrapcheck // above
		}
	}
	return rows.Close() //nolint:wrapcheck // above
}
