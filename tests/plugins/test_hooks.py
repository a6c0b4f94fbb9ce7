"""Building an engine's plugins: what is found, what is refused, what is registered by whom."""

import subprocess
import sys

import pytest

from dunning.adapters.interfaces.channel import Channel
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage
from dunning.core.contact.rule import RulePack
from dunning.core.ladder.case import Case
from dunning.errors import DuplicateAdapterError, PluginContractError, StructureError, UnknownAdapterError
from dunning.plugins import hookimpl
from dunning.plugins.hooks import build_hooks
from dunning.plugins.hookspecs import HOOK_API
from dunning.plugins.listing import listing
from dunning.plugins.plugin import accepted
from dunning.testing.builders import TODAY
from dunning.testing.channels import RecordingChannel

BUILTIN = ["builtin-books", "builtin-channels", "builtin-rules", "builtin-storage", "builtin-templates"]
GOOD = """
from dunning.plugins import hookimpl
from dunning.testing.channels import RecordingChannel

DUNNING_HOOK_API = 1
LOADED = []

def make(options, *, base):
    return RecordingChannel()

@hookimpl
def dunning_register_channels(register):
    register("pigeon", make)
"""


class Pigeon:
    """Registers a channel under a name."""

    def __init__(self, name="pigeon", factory=None):
        self._name = name
        self._factory = factory or (lambda options, *, base: RecordingChannel())

    @hookimpl
    def dunning_register_channels(self, register):
        register(self._name, self._factory)


class OtherPigeon(Pigeon):
    """The same from somebody else."""


def test_what_we_ship_comes_through_the_same_hooks():
    """Everything built in is registered by plugins that the list shows."""
    hooks = build_hooks()

    assert BUILTIN == [plugin.name for plugin in hooks.found]
    assert ("folder", "smtp", "work_list") == hooks.catalogue.names("channel")
    assert ("memory", "sqlite") == hooks.catalogue.names("storage")
    assert ("abs_auto", "csv", "example_auto", "parquet", "sql") == hooks.catalogue.names("loan book")
    assert {"cn", "us", "us_ma"} <= set(hooks.catalogue.names("rule pack"))
    assert "soft_message.zh-CN" in hooks.catalogue.names("template")
    assert {"cn", "us", "us_ma"} <= {pack.id for pack in hooks.rule_packs()}
    assert "zh-CN" == hooks.templates().find("soft_message", "zh-CN").language
    assert "builtin-channels" == hooks.catalogue.find("channel", "folder").plugin


@pytest.mark.parametrize(
    ("kind", "name", "options", "protocol"),
    [
        pytest.param(
            "channel", "folder", {"path": "out", "answer": "handed_over", "repeatable": False}, Channel, id="folder"
        ),
        pytest.param("storage", "memory", {}, Storage, id="memory"),
        pytest.param("storage", "sqlite", {"path": "a.db"}, Storage, id="sqlite"),
        pytest.param("loan_book", "example_auto", {"as_of": "2026-03-18"}, LoanBook, id="the example book"),
    ],
)
def test_what_we_ship_can_be_made(kind, name, options, protocol, tmp_path):
    """A factory takes flat options and a folder, and makes the adapter."""
    assert isinstance(getattr(build_hooks().catalogue, kind)(name, options, base=tmp_path), protocol)


@pytest.mark.parametrize(
    ("kind", "name", "options", "says"),
    [
        pytest.param(
            "channel",
            "folder",
            {"pth": "x"},
            "channel folder, pth: there is no such option. Did you mean 'path'?",
            id="a misspelt option",
        ),
        pytest.param(
            "channel",
            "folder",
            {"repeatable": "yes"},
            "repeatable: expected true or false, got 'yes'",
            id="a word for a truth value",
        ),
        pytest.param(
            "storage",
            "memory",
            {"path": "x"},
            "storage memory, path: there is no such option. Known options: none.",
            id="an option where there is none",
        ),
        pytest.param("loan_book", "csv", {}, "loan book csv, path: is missing", id="a path that is missing"),
        pytest.param("loan_book", "csv", {"path": 7}, "path: expected text, got 7", id="a number for a path"),
        pytest.param(
            "loan_book",
            "example_auto",
            {"as_of": "18.3.2026"},
            "as_of: expected a date as YYYY-MM-DD",
            id="a date in another order",
        ),
    ],
)
def test_wrong_options_are_named(kind, name, options, says, tmp_path):
    """Adapter, option, what was expected."""
    with pytest.raises(StructureError) as raised:
        getattr(build_hooks().catalogue, kind)(name, options, base=tmp_path)

    assert says in str(raised.value)


def test_an_unknown_adapter_lists_the_known(tmp_path):
    """A typing error can be seen."""
    with pytest.raises(UnknownAdapterError) as raised:
        build_hooks([Pigeon()]).catalogue.channel("foldr", base=tmp_path)

    assert ("channel", "foldr", ("folder", "pigeon", "smtp", "work_list")) == (
        raised.value.kind,
        raised.value.name,
        raised.value.known,
    )


def test_nothing_heavy_is_loaded_to_build():
    """SQLAlchemy comes when a database is made, not when its maker is registered."""
    program = (
        "import sys\nfrom dunning.plugins.hooks import build_hooks\nbuild_hooks()\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()

    assert set() == {"sqlalchemy", "numpy", "click"} & set(loaded)


def test_two_engines_share_nothing():
    """What one engine is given, another does not have."""
    with_pigeon, without = build_hooks([Pigeon()]), build_hooks()

    assert ("folder", "pigeon", "smtp", "work_list") == with_pigeon.catalogue.names("channel")
    assert ("folder", "smtp", "work_list") == without.catalogue.names("channel")


def test_discovery_is_the_hosts_choice(install):
    """An installed plugin takes part only where the host asks for it."""
    install(points={"pigeon": "pigeon_plugin"}, modules={"pigeon_plugin": GOOD})

    assert ("folder", "smtp", "work_list") == build_hooks().catalogue.names("channel")
    found = build_hooks(discover=True)
    assert ("folder", "pigeon", "smtp", "work_list") == found.catalogue.names("channel")
    (plugin,) = (plugin for plugin in found.found if plugin.target)
    assert ("pigeon", "1.2", "dunning-example 1.2", 1) == (plugin.name, plugin.version, plugin.origin, plugin.api)


def test_one_that_cannot_be_imported_leaves_the_others(install):
    """The host goes on; who and why is kept; and because it might have restricted, nobody is contacted."""
    install(
        points={"broken": "broken_plugin", "pigeon": "pigeon_plugin"},
        modules={"broken_plugin": "import a_library_that_is_not_there", "pigeon_plugin": GOOD},
    )
    hooks = build_hooks(discover=True)

    assert ("folder", "pigeon", "smtp", "work_list") == hooks.catalogue.names("channel")
    (failure,) = hooks.failures
    assert ("broken", "load") == (failure.plugin, failure.hook)
    assert "could not be loaded: ModuleNotFoundError: No module named 'a_library_that_is_not_there'" == failure.error
    holds, failures = hooks.dispatcher.holds([Case(id="L-1")], TODAY)
    assert ["broken:plugin_failed:L-1"] == [hold.id for hold in holds]
    assert (failure,) == failures
    assert ((), ()) == hooks.dispatcher.holds([], TODAY)


@pytest.mark.parametrize("name", ["broken", "builtin-channels"])
def test_a_plugin_is_disabled_by_its_printed_name(name, install):
    """It is listed, and neither imported nor asked."""
    install(points={"broken": "broken_plugin"}, modules={"broken_plugin": "raise RuntimeError('imported')"})
    disabled = {name, "broken"}
    hooks = build_hooks(discover=True, disabled=disabled)

    assert () == hooks.failures
    assert ((), ()) == hooks.dispatcher.holds([Case(id="L-1")], TODAY)
    assert disabled == {plugin.name for plugin in hooks.found if not plugin.enabled}
    assert ("folder" in hooks.catalogue.names("channel")) == ("builtin-channels" not in disabled)


def test_disabling_what_is_not_there_is_an_error():
    """A misspelt name would leave the plugin on."""
    with pytest.raises(PluginContractError, match="Did you mean 'builtin-rules'"):
        build_hooks(disabled=["builtin-rule"])


def test_two_plugins_of_one_name(install):
    """Both are named: the one given, and the one installed."""
    install("dunning-first", points={"pigeon": "pigeon_plugin"}, modules={"pigeon_plugin": GOOD})
    install("dunning-second", points={"pigeon": "pigeon_plugin"})

    with pytest.raises(PluginContractError) as raised:
        build_hooks(discover=True)

    assert "Two plugins are named 'pigeon'" in str(raised.value)
    assert "dunning-first 1.2" in str(raised.value)
    assert "dunning-second 1.2" in str(raised.value)


@pytest.mark.parametrize(
    ("plugins", "kind", "name", "owners"),
    [
        pytest.param([Pigeon(), OtherPigeon()], "channel", "pigeon", ("OtherPigeon", "Pigeon"), id="two of a host"),
        pytest.param([Pigeon("folder")], "channel", "folder", ("builtin-channels", "Pigeon"), id="one of ours"),
    ],
)
def test_a_taken_name_names_both(plugins, kind, name, owners):
    """Neither silently wins."""
    with pytest.raises(DuplicateAdapterError) as raised:
        build_hooks(plugins)

    assert (kind, name) == (raised.value.kind, raised.value.name)
    assert owners == tuple(plugin.rpartition(".")[2] for plugin in raised.value.plugins)


@pytest.mark.parametrize("kind", ["rule pack", "template"])
def test_a_taken_pack_or_text_names_both(kind):
    """A second pack or text of one name is no update of the first."""
    ours = build_hooks().catalogue

    class Copies:
        @hookimpl
        def dunning_register_rules(self, register):
            if kind == "rule pack":
                register(ours.find(kind, "cn").thing)

        @hookimpl
        def dunning_register_templates(self, register):
            if kind == "template":
                register(ours.find(kind, "soft_message.en").thing)

    with pytest.raises(DuplicateAdapterError) as raised:
        build_hooks([Copies()])

    assert kind == raised.value.kind
    assert raised.value.plugins[0].startswith("builtin-")
    assert raised.value.plugins[1].endswith("Copies")


@pytest.mark.parametrize(
    ("plugin", "says"),
    [
        pytest.param(Pigeon("Brief Taube"), "A name has lower-case letters", id="a name with a blank"),
        pytest.param(
            Pigeon(factory=RecordingChannel()), "Register a function that makes it", id="a channel, not its maker"
        ),
        pytest.param(Pigeon, "is a class, not a plugin. Were the () forgotten?", id="a class"),
        pytest.param(object(), "it implements no hook", id="no plugin at all"),
    ],
)
def test_what_a_host_gives_must_be_sound(plugin, says):
    """The developer is there to correct it, so nothing is contained."""
    with pytest.raises(PluginContractError) as raised:
        build_hooks([plugin])

    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("factory", "says"),
    [
        pytest.param(lambda options, *, base: object(), "made a object as its channel 'pigeon'", id="something else"),
        pytest.param(lambda options, *, base: options["gateway"], "KeyError: 'gateway'", id="an error of its own"),
        pytest.param(lambda options, *, base: sys.exit(1), "SystemExit: 1", id="an exit"),
        pytest.param(lambda options: RecordingChannel(), "TypeError", id="other arguments"),
    ],
)
def test_a_factory_that_fails_is_named(factory, says, tmp_path):
    """Plugin, kind and name are in the error."""
    catalogue = build_hooks([Pigeon(factory=factory)]).catalogue

    with pytest.raises(PluginContractError) as raised:
        catalogue.channel("pigeon", base=tmp_path)

    assert "Pigeon" in str(raised.value)
    assert says in str(raised.value)


def test_a_register_hook_that_fails_half_way_adds_nothing(install):
    """Half a plugin is not what its author meant."""
    source = GOOD + "    raise OSError('no licence')\n"
    install(points={"pigeon": "pigeon_plugin"}, modules={"pigeon_plugin": source})
    hooks = build_hooks(discover=True)

    assert ("folder", "smtp", "work_list") == hooks.catalogue.names("channel")
    (failure,) = hooks.failures
    assert ("pigeon", "dunning_register_channels", "OSError: no licence") == (
        failure.plugin,
        failure.hook,
        failure.error,
    )
    assert ((), ()) == hooks.dispatcher.holds([Case(id="L-1")], TODAY)


def test_lost_rules_hold_everything_back(install):
    """A pack that is missing might have refused."""
    source = """
from dunning.plugins import hookimpl

@hookimpl
def dunning_register_rules(register):
    raise OSError("no licence")
"""
    install(points={"law": "law_plugin"}, modules={"law_plugin": source})
    hooks = build_hooks(discover=True)

    holds, _ = hooks.dispatcher.holds([Case(id="L-1")], TODAY)

    assert ["law:plugin_failed:L-1"] == [hold.id for hold in holds]


def test_a_plugins_rules_are_collected():
    """A pack of a plugin stands beside ours."""

    class Law:
        @hookimpl
        def dunning_register_rules(self, register):
            register(RulePack(id="xx", version="1", owner="counsel", covers=("XX",)))

    assert "xx" in [pack.id for pack in build_hooks([Law()]).rule_packs()]


@pytest.mark.parametrize(
    ("current", "known"),
    [
        pytest.param(1, (1,), id="the first has none before it"),
        pytest.param(2, (1, 2), id="the second and the first"),
        pytest.param(7, (6, 7), id="never more than two"),
    ],
)
def test_the_current_number_and_the_one_before(current, known):
    """An upgrade by one breaks nobody."""
    assert known == accepted(current)


@pytest.mark.parametrize("api", [99, 0, "1", True, None], ids=repr)
def test_another_hook_api_is_refused_by_number(api):
    """Both numbers are in the error."""
    pigeon = Pigeon()
    pigeon.DUNNING_HOOK_API = api

    with pytest.raises(PluginContractError) as raised:
        build_hooks([pigeon])

    assert f"hook API {api!r}, and this version of dunning speaks {HOOK_API}" in str(raised.value)


def test_the_list_shows_the_broken_and_raises_nothing(install):
    """Name, version, origin, API, hooks, time and error of each; what cannot be built can still be looked at."""
    install(
        points={
            "broken": "broken_plugin",
            "off": "off_plugin",
            "pigeon": "pigeon_plugin",
            "misspelt": "dunning.testing.hostile:misspelt",
        },
        modules={"broken_plugin": "raise SystemExit(3)", "pigeon_plugin": GOOD},
    )
    listed = {line.name: line for line in listing(discover=True, disabled=["off", "nobody"])}

    assert [*BUILTIN, "broken", "misspelt", "off", "pigeon"] == list(listed)
    assert ("1.2", "dunning-example 1.2", True, 1, ("dunning_register_channels",), "") == (
        listed["pigeon"].version, listed["pigeon"].origin, listed["pigeon"].enabled, listed["pigeon"].api, listed["pigeon"].hooks, listed["pigeon"].error,
    )  # fmt: skip
    assert "could not be loaded: SystemExit: 3" == listed["broken"].error
    assert listed["pigeon"].load_ms > 0
    assert "there is no hook dunning_hold" in listed["misspelt"].error
    assert (False, "", 0.0) == (listed["off"].enabled, listed["off"].error, listed["off"].load_ms)
    assert "built in" == listed["builtin-rules"].origin
    assert ["builtin-channels", "pigeon"] == [
        line.name for line in listing(discover=True, hook="dunning_register_channels")
    ]


def test_a_plugin_of_a_host_has_a_name_that_lasts():
    """Its cursor is kept under it: what it states, else the module's name, or module and class."""
    module = sys.modules[__name__]
    named = Pigeon()
    named.DUNNING_NAME = "carrier"

    names = [line.name for line in listing([named, OtherPigeon(), module])]

    assert {"carrier", f"{__name__}.OtherPigeon", __name__} == set(names) - set(BUILTIN)


def test_relative_paths_start_at_the_base(tmp_path):
    """Where the process runs makes no difference."""
    assert (
        repr(build_hooks().catalogue.channel("folder", base=tmp_path))
        == f"FolderChannel({str(tmp_path / 'messages')!r})"
    )
