"""A folder opened as an engine."""

import datetime as dt

import pytest

from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.memory import MemoryStorage
from dunning.engine.setup import open_folder
from dunning.errors import BookError, PluginContractError, PolicyError, SettingsError, UnknownAdapterError
from dunning.testing.builders import a_loan, a_person

TODAY = dt.date(2026, 3, 4)
SETTINGS = """
lender = "lender"
policies = ["policy.toml"]
[book]
adapter = "csv"
path = "book"
[storage]
adapter = "sqlite"
path = "our.db"
[channels.folder]
path = "out"
[sender.en]
lender = "Example Auto Finance"
phone_back = "+1 617 555 0100"
agency = "the agency"
law_firm = "the law firm"
[sender.zh-CN]
lender = "示例汽车金融"
phone_back = "+86 100 0000 0000"
agency = "受托机构"
law_firm = "受托律师事务所"
"""


@pytest.fixture
def folder(tmp_path):
    """Return a folder with settings, a signed policy and a book of one loan."""
    (tmp_path / "dunning.toml").write_text(SETTINGS)
    (tmp_path / "policy.toml").write_text(sign(shipped("auto"), business="business", legal="legal", on=TODAY))
    write_csv_book(tmp_path / "book", loans=[a_loan(product="auto")], persons=[a_person()], current_through=TODAY)
    return tmp_path


def change(folder, old, new, file="dunning.toml"):
    """Replace *old* in a file of *folder*."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def test_a_folder_is_an_engine(folder):
    """Book, storage, channels and queues are where the settings and the policy say."""
    with open_folder(folder) as engine:
        assert ("L-1",) == tuple(engine.parts.book.ids())
        assert {"sms", "email", "call"} <= set(engine.parts.channels)
        assert "care" in engine.parts.queues
        assert engine.assess(as_of=TODAY, now=dt.datetime(2026, 3, 4, 4, tzinfo=dt.UTC)).loans == 1

    assert (folder / "our.db").exists()


def test_one_adapter_is_made_once(folder):
    """Its breaker and its connections are shared by all kinds of channel."""
    with open_folder(folder, dry=True) as engine:
        made = {id(channel): channel for channel in (*engine.parts.channels.values(), *engine.parts.queues.values())}

    assert ["FolderChannel()", "WorkList()"] == sorted(f"{type(channel).__name__}()" for channel in made.values())


def test_dry_makes_no_file(folder):
    """No database, and no reject file for a bad row."""
    with (folder / "book" / "loans.csv").open("a") as file:
        file.write("L-2\n")
    before = sorted(folder.rglob("*"))

    with open_folder(folder, dry=True) as engine:
        engine.assess(as_of=TODAY, now=dt.datetime(2026, 3, 4, 4, tzinfo=dt.UTC), simulate=True)
        assert isinstance(engine.parts.storage, MemoryStorage)

    assert before == sorted(folder.rglob("*"))


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        pytest.param(
            'adapter = "csv"', 'adapter = "ledger"', UnknownAdapterError, "loan book named 'ledger'", id="book"
        ),
        pytest.param('adapter = "sqlite"', 'adapter = "oracle"', UnknownAdapterError, "'oracle'", id="storage"),
        pytest.param('path = "our.db"', 'paht = "x"', SettingsError, "dunning.toml, storage sqlite, paht", id="option"),
        pytest.param(
            'path = "out"', "repeatable = 1", SettingsError, "dunning.toml, channel folder", id="channel option"
        ),
        pytest.param(
            "[channels.folder]", "[channels.pigeon]", SettingsError, "channels, pigeon: no policy", id="unused"
        ),
        pytest.param('["policy.toml"]', '["other.toml"]', PolicyError, "other.toml", id="no such policy"),
        pytest.param('path = "book"', 'path = "boook"', BookError, "boook", id="no such book"),
    ],
)
def test_what_cannot_be_used_is_named(folder, old, new, error, says):
    """By the file and the table in which it stands."""
    change(folder, old, new)

    with pytest.raises(error) as caught:
        open_folder(folder)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param(
            'phone_back = "+1 617 555 0100"\n', "sender.en, phone_back: it is missing, and texts of the policy need it: ",
            id="of many texts",
        ),
        pytest.param('law_firm = "受托律师事务所"\n', "sender.zh-CN, law_firm: ", id="of one text in one language"),
    ],
)  # fmt: skip
def test_a_text_that_could_never_be_made_is_said_before_its_day(folder, line, says):
    """A signed policy does not start with it; one that only simulates does."""
    change(folder, line, "")

    with pytest.raises(SettingsError) as caught:
        open_folder(folder)
    assert says in str(caught.value)

    (folder / "policy.toml").write_text(shipped("auto"))
    open_folder(folder, dry=True).close()


def test_policies_side_by_side_share_their_channels(folder):
    """Two that send one kind over different adapters cannot both be right."""
    change(folder, '["policy.toml"]', '["policy.toml", "other.toml"]')
    other = shipped("auto").replace('[channels.sms]\nadapter = "folder"', '[channels.sms]\nadapter = "gateway"')
    assert "gateway" in other
    (folder / "other.toml").write_text(other)

    with pytest.raises(SettingsError, match=r"other.toml, channels.sms, adapter: .*'gateway'.*'folder' in policy.toml"):
        open_folder(folder)


def test_a_channel_that_nobody_registered(folder):
    """The policy's author sees which there are."""
    change(folder, 'adapter = "folder"', 'adapter = "gateway"', "policy.toml")
    change(folder, '[channels.folder]\npath = "out"\n', "")

    with pytest.raises(UnknownAdapterError, match=r"channel named 'gateway'. Known: folder"):
        open_folder(folder)


@pytest.mark.parametrize(
    ("discover", "works"),
    [pytest.param(False, True, id="not looked for"), pytest.param(True, False, id="looked for")],
)
def test_a_disabled_plugin_must_exist_where_plugins_are_looked_for(folder, discover, works):
    """A misspelt name would leave it on; without discovery there is nothing to leave on."""
    (folder / "dunning.toml").write_text(SETTINGS + '[plugins]\ndisabled = ["noisy"]\n')

    if works:
        open_folder(folder, discover=discover, dry=True).close()
    else:
        with pytest.raises(PluginContractError, match="noisy"):
            open_folder(folder, discover=discover, dry=True)
