"""coinbase-advanced-py, as its authors published it, through a day at the simulated Coinbase."""
import json
import sys

from coinbase.rest import RESTClient
from requests.adapters import HTTPAdapter

settings = json.loads(sys.argv[1])
HOST = settings["host"]


class Plain(HTTPAdapter):
    """The client always says https; the simulator's plain port is meant."""

    def send(self, request, **options):
        request.url = "http://" + request.url[len("https://"):]
        return super().send(request, **options)


def client_with(name, key):
    client = RESTClient(api_key=settings[name], api_secret=settings[key], base_url=HOST + "/coinbase")
    client.session.mount("https://" + HOST + "/", Plain())
    return client


client = client_with("keyName", "privateKey")
edwards = client_with("ed25519KeyName", "ed25519PrivateKey")

accounts = client.get_accounts()
permissions = edwards.get_api_key_permissions()
product = client.get_product("BTC-USD")
books = client.get_best_bid_ask(product_ids=["BTC-USD", "ETH-USD"])
candles = client.get_candles("BTC-USD", settings["start"], settings["end"], "FIVE_MINUTE")
public = client.get_public_product("BTC-USD")

placed = client.limit_order_gtc_buy("arb-1", "BTC-USD", base_size="0.01", limit_price="60000.00")
order_id = placed["success_response"]["order_id"]
repeated = client.limit_order_gtc_buy("arb-1", "BTC-USD", base_size="0.01", limit_price="60000.00")
read = client.get_order(order_id)["order"]
edited = client.edit_order(order_id, size="0.02", price="61000.00")
listed = client.list_orders(product_ids=["BTC-USD"], order_status=["OPEN"])["orders"]
cancelled = client.cancel_orders([order_id])["results"]

bought = client.market_order_buy("arb-2", "BTC-USD", base_size="0.01")
fills = client.get_fills(order_ids=[bought["success_response"]["order_id"]])["fills"]
stop = client.stop_limit_order_gtc_sell(
    "arb-3", "BTC-USD", base_size="0.01", limit_price="63700.00", stop_price="65000.00",
    stop_direction="STOP_DIRECTION_STOP_DOWN",
)
refused = client.market_order_sell("arb-4", "BTC-USD", base_size="0.01")
preview = client.preview_market_order_buy("BTC-USD", base_size="0.01")
try:
    client.get_order("nobody")
    unknown = "found"
except Exception as error:
    unknown = error.response.status_code

print(json.dumps({
    "sign in": [permissions["can_view"], permissions["can_trade"]],
    "account": [account["currency"] for account in accounts["accounts"]],
    "quotes": {
        "product": [product["product_id"], product["price"], public["price"]],
        "books": [[book["product_id"], book["bids"][0]["price"]] for book in books["pricebooks"]],
        "candles": len(candles["candles"]),
    },
    "place": {
        "repeated": [placed["success"], repeated["success_response"]["order_id"] == order_id],
        "stop": client.get_order(stop["success_response"]["order_id"])["order"]["trigger_status"],
        "refused": [refused["success"], refused["error_response"]["error"]],
        "preview": preview["errs"],
    },
    "read": [read["status"], read["client_order_id"], read["average_filled_price"], unknown],
    "replace": edited["success"],
    "cancel": [cancelled[0]["success"], client.get_order(order_id)["order"]["status"]],
    "list": {
        "orders": [order["order_configuration"]["limit_limit_gtc"]["limit_price"] for order in listed],
        "fills": [[fill["size"], fill["price"]] for fill in fills],
    },
}))
