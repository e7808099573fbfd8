<?php
// As much of each shop system as the samples of docs/install.md call. The shop's data are hostile on purpose.

namespace {
    const HOSTILE = 'pl"><script>alert(1)</script>';

    // WooCommerce
    define('ABSPATH', '/');
    define('SHOP_LISTS_IDENTITY', file_get_contents('key'));
    $hooks = [];
    $codes = [];
    function add_action(string $name, callable $act, int $priority = 10): void { $GLOBALS['hooks'][$name][] = $act; }
    function add_shortcode(string $name, callable $act): void { $GLOBALS['codes'][$name] = $act; }
    function shortcode_atts(array $usual, array $given): array { return array_merge($usual, array_intersect_key($given, $usual)); }
    function esc_attr(string $text): string { return htmlspecialchars($text, ENT_QUOTES); }
    function esc_url(string $text): string { return htmlspecialchars($text, ENT_QUOTES); }
    function get_bloginfo(string $what): string { return HOSTILE; }
    function get_woocommerce_currency(): string { return 'PLN'; }
    function is_user_logged_in(): bool { return true; }
    function get_current_user_id(): int { return 17719; }
    class Thing { public function get_id(): int { return 41; } }
    class Basket { public function get_cart(): array { return ['a' => ['product_id' => 41], 'b' => ['product_id' => 7]]; } }
    function WC(): object { return (object) ['cart' => new Basket()]; }
    $product = new Thing();

    // PrestaShop
    const _PS_VERSION_ = '9.0.0';
    class Cart { public function getProducts(): array { return [['id_product' => 41], ['id_product' => 7]]; } }
    class Customer { public int $id = 17719; public function isLogged(): bool { return true; } }
    class Smarty { public array $told = []; public function assign(string $name, array $value): void { $this->told[$name] = $value; } }
    class Tools { public static function getValue(string $name): string { return '41'; } }
    class Module
    {
        public $name, $version, $author, $displayName, $context;
        public array $hooks = [];
        public function __construct()
        {
            $this->context = (object) [
                'cart' => new Cart(), 'customer' => new Customer(), 'smarty' => new Smarty(),
                'language' => (object) ['iso_code' => 'pl'], 'currency' => (object) ['iso_code' => 'PLN'],
            ];
        }
        public function install() { return true; }
        public function registerHook(array $names): bool { $this->hooks = $names; return true; }
        public function display(string $file, string $template): string { return json_encode($this->context->smarty->told['shop_lists']); }
    }

    // Magento
    class Escaper
    {
        public function escapeHtml(string $text): string { return htmlspecialchars($text, ENT_QUOTES); }
        public function escapeHtmlAttr(string $text): string { return htmlspecialchars($text, ENT_QUOTES); }
    }
    class Sku { public function getSku(): string { return HOSTILE; } }
    class Block
    {
        public function __construct(private array $data) {}
        public function getData(string $name) { return $this->data[$name] ?? null; }
        public function getProduct(): Sku { return new Sku(); }
    }
}

namespace Magento\Customer\CustomerData {
    interface SectionSourceInterface { public function getSectionData(); }
}

namespace Magento\Customer\Model {
    class Session { public function isLoggedIn(): bool { return true; } public function getCustomerId(): int { return 17719; } }
}

namespace Magento\Framework\App {
    class DeploymentConfig
    {
        public function get(string $path) { return $path === 'shop_lists/identity' ? file_get_contents('key') : null; }
    }
}
