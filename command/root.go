package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"named-jail/jail"
	"named-jail/launcher"
	"named-jail/parser"
)

// Main runs the command line, argv[0] included, and gives the exit status.
func Main(argv []string) int {
	if Reads(argv) {
		return read()
	}
	if len(argv) > 0 && argv[0] == launcher.MessengerName {
		return launcher.Messenger(argv)
	}
	jail.Program = Version
	color, err := colors[0], borrowed()
	if err == nil {
		color, err = dispatch(argv)
	}
	if err != nil && err.Error() != "" {
		printError(err, color)
	}
	return statusOf(err)
}

// printError says what ended the command. color is the word of --color.
func printError(err error, color string) {
	screen := newScreen(os.Stderr, color)
	var launch *launcher.ExitError
	var usage usageError
	switch {
	case errors.As(err, &launch):
		screen.finding(os.Stderr, launch.Diagnostic)
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "%s\nRun `named-jail help` for the commands.\n", fill("named-jail: "+usage.text, 0, screen.width, findingIndent))
	default:
		screen.finding(os.Stderr, diagnose(err))
	}
}

// dispatch finds out whether we stand in for named: by our name, or because
// the first argument is one of its flags.
//
// run leaves the signals as they are, because named is to find them so; the
// other commands stop cleanly on ^C. The first result is the word of --color.
func dispatch(argv []string) (color string, err error) {
	words := argv[min(1, len(argv)):]
	if len(argv) > 0 && filepath.Base(argv[0]) == "named" {
		return colors[0], run(context.Background(), words)
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "-") && !ours[words[0]] {
		return colors[0], run(context.Background(), words)
	}
	ctx := context.Background()
	if len(words) == 0 || words[0] != "run" {
		var cancel context.CancelFunc
		ctx, cancel = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer cancel()
	}
	cmd := newRoot()
	cmd.SetArgs(completing(cmd, words))
	done, err := cmd.ExecuteContextC(ctx)
	color, _ = done.Flags().GetString("color")
	return color, inDocument(done, err)
}

// ours are the first arguments with a dash that are not named's.
var ours = map[string]bool{"-h": true, "--help": true, "--version": true}

// newRoot builds the command tree.
func newRoot() *cobra.Command {
	var f flags
	cobra.EnableCommandSorting = false // they are told in the order in which they are added
	root := &cobra.Command{
		Use: "named-jail", Short: "a chroot jail for BIND, from its own configuration",
		Long:    "named-jail puts a BIND name server into a chroot jail, from its own named.conf.",
		Example: "  named-jail -t /var/named -u named -g named",
		Version: Version, SilenceUsage: true, SilenceErrors: true, SuggestionsMinimumDistance: 2,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate(thisProgram().String() + "\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError{cmd.Name() + ": " + err.Error()} })
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { printHelp(cmd.OutOrStdout(), cmd) })
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
	}
	commonFlags(root.PersistentFlags(), &f)
	root.Flags().Bool("version", false, "print the version")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains(colors, f.color) {
			return usageError{"--color " + f.color + ": use auto, always or never"}
		}
		return nil
	}
	root.AddCommand(checkCommand(&f), planCommand(&f), rewriteCommand(&f), auditCommand(&f), historyCommand(&f), explainCommand(),
		applyCommand(&f), rollbackCommand(&f), pruneCommand(&f),
		runCommand(), serviceCommand(&f), traceCommand(&f),
		demoCommand(&f), completionCommand(), versionCommand(), generateCommand())
	help := helpCommand()
	root.SetHelpCommand(help)
	root.AddCommand(help)
	addCompletions(root, &f)
	return root
}

// groups are the commands by what the user wants, in the order in which they
// are told.
var groups = []struct{ id, title string }{
	{"look", "Look and check; nothing is changed"},
	{"change", "Change the system"},
	{"start", "Start named in the jail"},
	{"other", "Everything else"},
}

// colors are the words of --color.
var colors = []string{"auto", "always", "never"}

// commonFlags are those that all commands have.
func commonFlags(pf *pflag.FlagSet, f *flags) {
	pf.SortFlags = false
	pf.StringVarP(&f.jail, "jail", "t", defaultJail, "the `JAIL`, as the host sees it")
	pf.StringVarP(&f.user, "user", "u", "", "the account `USER` that named runs as (default: named, else bind)")
	pf.StringVarP(&f.group, "group", "g", "", "its `GROUP` (default: the account's primary group)")
	pf.StringVarP(&f.conf, "conf", "c", "", "the configuration `FILE`, as the host sees it (default: what named tells)")
	pf.StringVar(&f.root, "root", "/", "work on the system below the directory `DIR`: an image, a test")
	pf.StringVar(&f.named, "named", "", "the real named is `FILE` (default: NAMED_JAIL_NAMED, else the first in PATH)")
	pf.StringVar(&f.bindVersion, "bind-version", "", "judge for this `RELEASE`, such as 9.18.49, or for the newest of a branch, such as 9.18, instead of asking named")
	pf.BoolVarP(&f.quiet, "quiet", "q", false, "say only what is wrong")
	pf.BoolVarP(&f.verbose, "verbose", "v", false, "say more")
	pf.StringVar(&f.color, "color", "auto", "colours `WHEN`: auto, always or never")
	pf.BoolP("help", "h", false, "print the help of the command")
}

// unknownCommand names the commands that are near.
func unknownCommand(root *cobra.Command, word string) error {
	text := fmt.Sprintf("there is no command %q", word)
	if near := root.SuggestionsFor(word); word != "" && len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError{text}
}

// noOperands refuses stray words.
func noOperands(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Sprintf("%s does not take the word %q", cmd.Name(), args[0])}
	}
	return nil
}

func rewriteCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "rewrite", GroupID: "look", Short: "print the jailed configuration", Args: noOperands,
		Long:    "Print the configuration as it will stand in the jail, or write it below a directory. Nothing else is touched.",
		Example: "  named-jail rewrite -c /etc/bind/named.conf\n  named-jail rewrite -o /tmp/jailed",
		RunE:    func(cmd *cobra.Command, _ []string) error { return rewriteConfig(cmd.Context(), *f) }}
	c.Flags().StringVarP(&f.out, "output", "o", "", "write the files below the directory `DIR`, by their paths in the jail")
	return c
}

func checkCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "check [ZONE...]", GroupID: "look", Short: "is the configuration sound, and is every zone?",
		Long: `Read the configuration and every zone file as the named that will be started reads
them, and say what is wrong. With ZONE, of the zone files only those of these zones.

With -t the jail is judged, as it is or as apply would leave it; with -u alone the host,
as an unjailed named sees it that runs as USER.`,
		Example: "  named-jail check\n  named-jail check example.com example.net/IN/internal\n  named-jail check --json -c /etc/bind/named.conf\n  named-jail check --dnssec --expire-within 7d",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.jailGiven, f.zones = cmd.Flags().Changed("jail"), args
			switch {
			case f.noZones && !f.ordinary():
				return usageError{"check: --no-zones leaves no zone for --max-errors, --expire-within and --dnssec"}
			case f.noZones && len(args) > 0:
				return usageError{"check: --no-zones leaves out " + parser.Printable(args[0]) + " too"}
			}
			return check(cmd.Context(), *f)
		}}
	zoneFlags(c, f)
	return c
}

func planCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "plan", GroupID: "look", Short: "what would apply change, and why, with differences", Args: noOperands,
		Long:    "Show as a tree what apply would change, why, and how each configuration file would differ.",
		Example: "  named-jail plan\n  named-jail plan --exit-code -q   # status 3: the jail is not up to date",
		RunE:    func(cmd *cobra.Command, _ []string) error { return plan(cmd.Context(), *f) }}
	zoneFlags(c, f)
	c.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit with status 3 when there is something to do")
	c.Flags().BoolVar(&f.copy, "copy", false, "plan copies, which leave the originals")
	c.Flags().BoolVar(&f.keepGoing, "keep-going", false, "leave faulty zone files where they are and plan the rest")
	return c
}

func auditCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "audit", GroupID: "look", Short: "the jail as it stands against what it should be", Args: noOperands,
		Long: `Look at everything in the jail, at the account, at the service and at the named
that runs, and say what is not as it should be: what apply mends, and what only
a person can mend, with what to do. Nothing is changed.

Status 0: all is as it should be; 3: something is not; 1: it could not be
judged, or not all could be seen (run it as root).`,
		Example: "  named-jail audit -t /var/named\n  named-jail audit -q || mail -s 'named: jail has changed' root   # from cron\n  named-jail audit --json | jq '.problems[] | select(.severity == \"error\")'",
		RunE:    func(cmd *cobra.Command, _ []string) error { return audit(cmd.Context(), *f) }}
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	c.Flags().BoolVar(&f.noCache, "no-cache", false, "read unchanged zone files again")
	return c
}

func applyCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "apply", GroupID: "change", Short: "build the jail, or bring it up to date", Args: noOperands,
		Long:    "Check everything, then make the jail what the configuration wants: all of it, or nothing. The state before is kept for rollback.\n\n--live works with a named that runs. In the jail: dynamic zones that are touched are\nfrozen, the changes made and taken in by rndc reload, the zones thawed. Unjailed: what\nit writes stays until it is stopped and started in the jail.",
		Example: "  named-jail apply -t /var/named -u named\n  named-jail apply --copy   # leave the originals where they are\n  named-jail apply --live   # named runs, and goes on",
		RunE:    func(cmd *cobra.Command, _ []string) error { return apply(cmd.Context(), *f) }}
	zoneFlags(c, f)
	c.Flags().BoolVar(&f.copy, "copy", false, "leave the originals and put copies in the jail, now and later")
	c.Flags().BoolVar(&f.keepGoing, "keep-going", false, "leave faulty zone files where they are and do the rest")
	c.Flags().BoolVar(&f.serving, "live", false, "do it while named runs, with rndc")
	c.Flags().BoolVar(&f.createUser, "create-user", false, "create the account when it is missing")
	return c
}

func rollbackCommand(f *flags) *cobra.Command {
	c := &cobra.Command{Use: "rollback", GroupID: "change", Short: "restore the state before the first apply", Args: noOperands,
		Long:    "Put everything back as it was before the jail; what named has written since is carried back too. Stop named first.",
		Example: "  named-jail rollback -t /var/named\n  named-jail rollback -v",
		RunE:    func(cmd *cobra.Command, _ []string) error { return rollback(cmd.Context(), *f) }}
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document on standard output")
	return c
}

func runCommand() *cobra.Command {
	c := &cobra.Command{Use: "run [--OWN-FLAGS] NAMED-FLAGS...", GroupID: "start", Short: "check, apply, then become named",
		Long: `Bring the jail up to date and become named in it: the same process, named's own
flags, named's own exit status. The word run can be left out. This is the line of the
boot script, and it stands where named stood:

    named-jail -t /var/named -u named -g named

So is it when named-jail is called by the name named (a link). Then every word is a
flag of named's, and is read as the named that is started reads it.

The flags below are named-jail's own. They stand before named's, and a value is joined
to its flag with "=". An invalid named.conf refuses the start, as named would; an invalid
zone file does not.

On Linux named gets mounts of its own: the sockets of systemd and of syslogd are
seen in the jail, and nothing of that on the host.`,
		Example:            "  named-jail run -t /var/named -u named -g named\n  named-jail run --fallback --isolate -t /var/named -u bind -f",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
				return cmd.Help()
			}
			return run(cmd.Context(), args)
		}}
	var r runFlags
	c.Flags().AddFlagSet(r.set()) // to be told in the help; run reads its words itself
	return c
}

func demoCommand(f *flags) *cobra.Command {
	var install bool
	c := &cobra.Command{Use: "demo", GroupID: "other", Annotations: apart, Short: "the whole job on a sample, in a temporary directory", Args: noOperands,
		Long:    "Migrate a sample install below a temporary directory, start the real named in the jail on a loopback port, ask it, and clean up. Without root or BIND: show the plan.",
		Example: "  named-jail demo\n  sudo named-jail demo --install-bind",
		RunE:    func(cmd *cobra.Command, _ []string) error { return demo(cmd.Context(), *f, install) }}
	c.Flags().BoolVar(&install, "install-bind", false, "install BIND with the system's package manager where it is missing")
	return c
}
