// Command fieldgate is the customer portal of a field-service business: one
// program on PostgreSQL.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // the business's time zone, on machines that have none: else its days would be those of UTC
)

// command is one word of the command line.
type command struct {
	name, args, about string
	run               func(ctx context.Context, args []string) error
	flags             func(*flag.FlagSet) // nil for none
}

func commands() []command {
	return slices.Insert([]command{
		{name: "serve", about: "serve the portal and the office; configured by the environment", run: serve},
		{name: "migrate", about: "bring the database to this version of the program", run: migrate},
		{name: "backup list", about: "list the backups", run: listBackups},
		{name: "backup check", args: "[BACKUP]", about: "read a backup, the newest if none is named, and say whether it is whole", run: checkBackup},
		{name: "backup", about: "back up the database and the files, while the program runs", run: makeBackup, flags: func(set *flag.FlagSet) {
			set.IntVar(&keepBackups, "keep", 0, "")
		}},
		{name: "restore", args: "[BACKUP]", about: "restore a backup, the newest if none is named, into an empty database", run: restoreBackup},
		{name: "export", args: "FILE", about: "write everything into one zip: tables in the form of an import, files, signatures; --csv, --no-files", run: exportAll, flags: func(set *flag.FlagSet) {
			set.BoolVar(&exportCSV, "csv", false, "")
			set.BoolVar(&exportNoFiles, "no-files", false, "")
		}},
		{name: "files check", about: "look whether every file that the database names is in storage", run: checkFiles},
		{name: "files sweep", about: "delete from storage what nobody needs any more; --dry-run only counts", run: sweepFiles, flags: func(set *flag.FlagSet) {
			set.BoolVar(&onlyCount, "dry-run", false, "")
			set.BoolVar(&adopt, "adopt", false, "")
		}},
		{name: "import-files", args: "PATH", about: "import photos and documents from a folder or a zip; --dry-run only looks", run: importFiles, flags: func(set *flag.FlagSet) {
			set.BoolVar(&onlyLook, "dry-run", false, "")
			set.StringVar(&broughtBy, "by", "", "")
		}},
		{name: "import", args: "FILE", about: "import what an Excel workbook, a CSV file or an export of everything holds; --dry-run only says what would become of it", run: importFile, flags: func(set *flag.FlagSet) {
			set.BoolVar(&onlyCheck, "dry-run", false, "")
			set.StringVar(&importSource, "source", "", "")
			set.StringVar(&importMapping, "mapping", "", "")
			set.BoolVar(&importOverwrite, "overwrite", false, "")
		}},
		{name: "rotate", about: "seal what waits in the database with a new secret key", run: rotate},
		{name: "doctor", about: "look whether everything is well: database, storage, mail, backups, what customers see; --json for machines", run: examine, flags: func(set *flag.FlagSet) {
			set.BoolVar(&asJSON, "json", false, "")
		}},
		{name: "generate", about: "fill an empty database with a made-up business of any size, to see how fast pages are", run: generate, flags: func(set *flag.FlagSet) {
			set.IntVar(&size.Customers, "customers", 500, "")
			set.IntVar(&size.Jobs, "jobs", 10_000, "")
			set.Uint64Var(&size.Seed, "seed", 1, "")
		}},
		{name: "healthcheck", about: "ask the program that runs here whether it does, for an image without a shell", run: healthcheck},
		{name: "staff list", about: "list who works here, and who can sign in", run: listStaff},
		{name: "staff link", args: "EMAIL", about: "print a one-time link with which somebody chooses a new password", run: linkStaff},
		{name: "staff factor", args: "EMAIL", about: "remove the second factor of somebody who has lost it", run: removeStaffFactor},
		{name: "staff suspend", args: "EMAIL", about: "take somebody's access to the office away", run: suspendStaff},
		{name: "staff add", args: "EMAIL NAME…", about: "make somebody an Administrator and print their one-time link", run: addStaff},
		{name: "version", about: "print the version", run: func(context.Context, []string) error { fmt.Println(versionLine()); return nil }},
		{name: "licences", about: "print what of others the program contains, and under which licences", run: printLicences},
		{name: "sbom", about: "print the program's bill of materials as CycloneDX", run: printBOM},
	}, 1, demonstration()...)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		status := 1
		if found, ok := errors.AsType[unwell](err); ok {
			status = int(found)
		} else {
			fmt.Fprintln(os.Stderr, "fieldgate:", err)
		}
		stop()
		os.Exit(status) //nolint:gocritic // stop has been called
	}
}

var errUsage = errors.New("unknown command")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(os.Stdout)
		return nil
	}
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) < len(words) || strings.Join(args[:len(words)], " ") != c.name {
			continue
		}
		set := flag.NewFlagSet(c.name, flag.ContinueOnError)
		set.SetOutput(io.Discard)
		if c.flags != nil {
			c.flags(set)
		}
		set.Usage = func() { help(os.Stdout, c) }
		err := set.Parse(args[len(words):])
		var given []string
		if err == nil {
			given, err = arguments(set)
		}
		if err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			help(os.Stderr, c)
			return errUsage
		}
		if !c.takes(len(given)) {
			help(os.Stderr, c)
			return errUsage
		}
		return c.run(ctx, given)
	}
	fmt.Fprintf(os.Stderr, "fieldgate: there is no command %q\n\n", strings.Join(args, " "))
	usage(os.Stderr)
	return errUsage
}

// arguments are those that a set was given, with flags between and behind them read,
// too: one behind the file counts as well as one in front of it, as people write it.
func arguments(set *flag.FlagSet) (given []string, err error) {
	for set.NArg() > 0 {
		given = append(given, set.Arg(0))
		if err := set.Parse(set.Args()[1:]); err != nil {
			return nil, err //nolint:wrapcheck // flag.ErrHelp, or said as the usage
		}
	}
	return given, nil
}

// takes tells whether so many arguments may be given: in brackets stands what
// may be left out, and a last one with an ellipsis may be of many words.
func (c command) takes(n int) bool {
	all := strings.Fields(c.args)
	return n <= len(all) && (n == len(all) || strings.HasPrefix(c.args, "[")) || n > len(all) && strings.HasSuffix(c.args, "…")
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Fieldgate, the customer portal of a field-service business.\n\nUsage: fieldgate COMMAND\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-22s %s\n", strings.TrimSpace(c.name+" "+c.args), c.about)
	}
	fmt.Fprint(w, "\nfieldgate COMMAND -h explains a command. Settings come from the environment; README.md has the table.\n")
}

func help(w io.Writer, c command) {
	usage := strings.TrimSpace(c.name + " " + c.args)
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	if c.flags != nil {
		c.flags(set)
	}
	set.VisitAll(func(f *flag.Flag) {
		usage += " [--" + f.Name
		if _, alone := f.Value.(interface{ IsBoolFlag() bool }); !alone {
			usage += " N"
		}
		usage += "]"
	})
	fmt.Fprintf(w, "Usage: fieldgate %s\n\n%s\n", usage, details[c.name])
}

var details = map[string]string{
	"serve": `Serves the portal at / and the office at /office until it is interrupted.
Needs DATABASE_URL, FIELDGATE_BASE_URL, FIELDGATE_SECRET_KEY, FIELDGATE_SMTP_URL, FIELDGATE_MAIL_FROM and FIELDGATE_STORAGE.
Migrates the database first unless FIELDGATE_MIGRATE=false. Refuses a database that the demo has filled.`,
	"demo": `Fills an empty database with the demo business Northwind Air once, catches every mail and serves all of it on 127.0.0.1:8080.
Everybody's password is let-me-look-around. Needs only DATABASE_URL; refuses a database that holds customers of its own.`,
	"migrate": `Brings the database to this version of the program, gives its users the rights they need, and ends. Needs DATABASE_URL, a direct one: not through
a pooler; and FIELDGATE_MIGRATE_URL if the user there does not own the tables.`,
	"rotate": `Seals with FIELDGATE_SECRET_KEY what one of FIELDGATE_SECRET_KEY_OLD has sealed, and says how much that was.
Needs DATABASE_URL and FIELDGATE_SECRET_KEY. Run it once every program that runs has the new key.`,
	"backup": `Copies the database, as it is at one moment, and the files that it names to the folder or bucket in FIELDGATE_BACKUP. The program may run
meanwhile. Files that are there from an earlier backup are not copied again. --keep N then removes all but the newest N backups.
Needs DATABASE_URL, FIELDGATE_STORAGE, FIELDGATE_BACKUP and PostgreSQL's program pg_dump; FIELDGATE_MIGRATE_URL is used where it is set.
FIELDGATE_SECRET_KEY is not in the backup: keep it elsewhere.`,
	"backup list":  `Lists the backups in FIELDGATE_BACKUP, the newest first.`,
	"backup check": `Reads a backup in FIELDGATE_BACKUP to the last byte and compares it with its manifest. Ends with 1 if it is not whole.`,
	"restore": `Restores a backup from FIELDGATE_BACKUP into the database of DATABASE_URL, which must be empty, and the files into FIELDGATE_STORAGE.
Rights are those of this installation: FIELDGATE_MIGRATE_URL names the user who will own the tables, if that is another.
Everybody logs in anew, and links in earlier emails have ended; passwords and suspensions are those of the backup.
Needs PostgreSQL's program pg_restore. Example: fieldgate restore 20261129-020000`,
	"doctor": `Looks at the configuration, the database and its users, storage, disks, the mail server (signs in, sends nothing), the portal's address and
certificate, proxies, clocks, backups, what waits, and whether contacts of every kind see what the rule allows and nothing else.
One line each: ok, warning or fault, and what to do. Ends with 0 if all is well, 1 for warnings, 2 for faults. Changes nothing, but for a file that it
writes to storage and deletes. Run it with the variables of serve.`,
	"generate": `Fills an empty, migrated database with a made-up business: customers, contacts of every kind, sites, equipment, jobs, quotes, files, messages, emails.
One customer has a twentieth of all jobs, most have a handful. The same numbers and seed give the same business on the same day. A million jobs take minutes.
Everything is one transaction: what is broken off leaves the database as it was. Refuses a database with customers, staff or job types.
Prints who can sign in. Needs DATABASE_URL (or FIELDGATE_MIGRATE_URL, for the user that owns the tables) and FIELDGATE_STORAGE.
Example: fieldgate generate --customers 50000 --jobs 1000000`,
	"healthcheck": `Asks /healthz at FIELDGATE_LISTEN (:8080 if not set) and ends with 1 if the program does not answer. The image's HEALTHCHECK runs it.`,
	"staff list":  `Lists who works here: address, role, whether they can sign in, and since when they have not. Needs DATABASE_URL.`,
	"staff link": `Prints a link that works once, with which somebody who signs in to the office chooses a new password: for the only Administrator who lost theirs.
Who was invited gets the link of a new invitation. Links printed or sent before end. Needs DATABASE_URL and FIELDGATE_BASE_URL. Example: fieldgate staff link ada@example.com`,
	"staff factor": `Removes the second factor of somebody who signs in to the office and has lost phone and recovery codes: for the only Administrator. Their sessions end, and
they are told by email. Where the password was too short to stand alone, a link to choose another one goes to them, too. Needs DATABASE_URL and FIELDGATE_SECRET_KEY. Example: fieldgate staff factor ada@example.com`,
	"staff suspend": `Takes somebody's access to the office away at once and ends their sessions; the last Administrator keeps theirs. Administration → Staff gives it back.
Needs DATABASE_URL. Example: fieldgate staff suspend ben@example.com`,
	"staff add": `Makes somebody an Administrator, the way the first one comes into being, and prints a link that works once and
for seven days, with which they choose their password. Needs DATABASE_URL and FIELDGATE_BASE_URL.
Example: fieldgate staff add ada@example.com Ada Lovelace`,
	"export": `Writes all customers, sites, contacts, equipment, quotes with their versions and answers, jobs, messages, files and signatures into one zip, in the form that
Import takes: tables as an Excel workbook, or with --csv as a text file each; with --no-files the tables alone. The tables are those of one moment; the program may
run meanwhile. manifest.json in it names each part with its size and SHA-256. Passwords and sign-ins are not in it; what customers never see is: keep it safe.
A file that exists is not written over. Needs DATABASE_URL and FIELDGATE_STORAGE. Example: fieldgate export --csv everything.zip`,
	"files check": `Looks for every file, picture and signature that the database names, and lists those whose bytes are missing from storage.
Ends with status 1 if there are any. Changes nothing. Needs DATABASE_URL and FIELDGATE_STORAGE.`,
	"files sweep": `Deletes from storage what nobody needs any more: files that were removed longer ago than Administration → Retention keeps them, and what uploads that were cut off
left behind more than a day ago. The running program does so once a day. With --dry-run it only counts.
Only the installation that owns the storage sweeps it: the first one to use it. With --adopt this one owns it from now on.
Needs DATABASE_URL and FIELDGATE_STORAGE.`,
	"import-files": `Imports the photos and documents of a folder, or of a zip: J-1001/photo.jpg hangs on job J-1001, Q-1001/… on a quote, C-1001/… on a customer, and
C-1001/E-001/… on a piece of equipment of that customer. A files.csv beside them may name the record, caption, taken at and Customer View of each.
Each is judged as an upload is, and hidden from the customer unless files.csv says Y. What is there already is not added twice: run it again after a break.
Prints what is refused, and why. With --dry-run nothing is added. --by names, by their email address, the member of staff in whose name they come.
Needs DATABASE_URL and FIELDGATE_STORAGE. Example: fieldgate import-files --dry-run /srv/photos`,
	"version":  `Prints the version and, where the build knows it, the commit.`,
	"licences": `Prints the modules and packages that the program consists of, their licences, and the texts that have to go with it.`,
	"sbom":     `Prints, as CycloneDX 1.6 in JSON, the modules that this very program was built of: version, licence and checksum of each.`,
}
